# shellcheck shell=bash disable=SC2154
# The Python wheel: made by maturin, installed into a virtual environment, started. Read by `run`.

# The latest that this was tried with; kept between runs.
maturin=1.16.0
venv=$place/maturin-$maturin
wheels=$work/wheels

has_maturin() {
    if [[ ! -x $venv/bin/maturin ]]; then
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check "maturin==$maturin"
    fi
    "$venv/bin/maturin" --version
}
is_made() {
    "$root/packaging/pypi/wheel" "$target" "$wheels" "$venv/bin/maturin"
    # A static binary goes for both C libraries.
    [[ -f $(echo "$wheels/ecs_local-$version"-py3-none-manylinux*.musllinux*.whl) ]]
}
installs() {
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-index --no-deps "$wheels"/*.whl
}
says_where_it_is_from() {
    "$work/venv/bin/pip" show ecs-local >"$work/shown"
    cat "$work/shown"
    grep -x "Version: $version" "$work/shown"
    grep -x 'License-Expression: Apache-2.0 OR MIT' "$work/venv"/lib/*/site-packages/ecs_local-*/METADATA
    local licence
    for licence in "$root"/LICENSE-*; do
        cmp "$licence" "$work/venv"/lib/*/site-packages/ecs_local-*/licenses/"${licence##*/}"
    done
}

check "maturin is there" has_maturin
check "the wheel is made" is_made
check "it is installed" installs
check "the command runs" says_version "$work/venv/bin/ecs-local"
check "its metadata are those of the crate" says_where_it_is_from

# shellcheck shell=bash disable=SC2154
# The steps of action.yml with what a runner gives them: the release is a folder, the files of a runner are files
# here. Read by `run`.

runner=$work/runner
mkdir -p "$runner"
case $(uname -m) in x86_64) machine=X64 ;; *) machine=ARM64 ;; esac

# step NAME [VARIABLE=VALUE…]: runs one as the runner does, with what earlier ones wrote forgotten.
step() {
    local name=$1
    shift
    : >"$runner/env" && : >"$runner/output" && : >"$runner/path"
    env "GITHUB_ENV=$runner/env" "GITHUB_OUTPUT=$runner/output" "GITHUB_PATH=$runner/path" \
        "RUNNER_TEMP=$runner" RUNNER_OS=Linux "RUNNER_ARCH=$machine" \
        "ECS_LOCAL_RELEASE_URL=file://$archives" "$@" "$root/packaging/action/$name"
}
output() { sed -n "s/^$1=//p" "$runner/output"; }

installs_the_release() {
    step install
    says_version "$(output binary)"
    [[ $(cat "$runner/path") == "$(dirname "$(output binary)")" ]]
}
refuses_another_archive() {
    mkdir "$work/forged"
    cp "$archives/SHA256SUMS" "$work/forged"
    (cat "$archives/$archive"; echo) >"$work/forged/$archive"
    fails step install "ECS_LOCAL_RELEASE_URL=file://$work/forged" 2>"$work/why"
    grep 'is not what SHA256SUMS says' "$work/why" && [[ ! -s $runner/output ]]
}
refuses_what_is_not_there() {
    fails step install INPUT_VERSION=v99.0.0 2>"$work/why"
    grep 'cannot download' "$work/why"
    fails step install RUNNER_OS=Plan9 2>"$work/why"
    grep 'no release has a binary for Plan9' "$work/why"
    fails step install "INPUT_BINARY=$work/no-such" 2>"$work/why"
    grep 'there is no program' "$work/why"
}
takes_a_binary() {
    step install "INPUT_BINARY=$binary"
    [[ $(output binary) -ef $binary ]]
}

starts() {
    step start "BINARY=$binary" INPUT_LISTEN=127.0.0.1:0 INPUT_CONTROL_TOKEN=let-me-in INPUT_ARGS='--seed 7' \
        >"$work/said"
    cat "$work/said"
    grep '^::add-mask::let-me-in$' "$work/said"
}
exports_the_settings() {
    cat "$runner/env" "$runner/output"
    local endpoint
    endpoint=$(output endpoint)
    [[ $endpoint == 127.0.0.1:* && $(output url) == "http://$endpoint" && $(output version) == "$version" ]]
    grep -x "ECS_LOCAL_ENDPOINT=$endpoint" "$runner/env"
    grep -x "ALIBABA_CLOUD_ENDPOINT=$endpoint" "$runner/env"
    grep -x "ECS_LOCAL_CONTROL_TOKEN=let-me-in" "$runner/env"
    fails grep -v '^[A-Z_]*=.' "$runner/env"
}
# What a later step does: its environment is what was exported.
is_found_by_later_steps() {
    grep -x "ECS_LOCAL_LISTEN=$(output endpoint)" "$runner/env"
    mapfile -t exported <"$runner/env"
    env "${exported[@]}" "$binary" health
    env "${exported[@]}" "$binary" calls
    curl --silent --fail --noproxy '*' "$(output url)/?Action=DescribeRegions" >/dev/null
    grep DescribeRegions "$(output log)"
}
says_why_it_did_not_start() {
    local taken
    taken=$(output endpoint)
    fails step start "BINARY=$binary" "INPUT_LISTEN=$taken" 2>"$work/why"
    grep '^::error' "$work/why"
    grep 'cannot listen' "$work/why"
    fails step start "BINARY=$binary" INPUT_LISTEN=127.0.0.1:0 INPUT_ARGS=--no-such-option 2>"$work/why"
    grep 'unexpected argument' "$work/why"
}

check "it installs the binary of the release" installs_the_release
check "it refuses an archive that is another than its checksum says" refuses_another_archive
check "it says what is not there: release, platform, binary" refuses_what_is_not_there
check "it takes a binary of one's own" takes_a_binary
check "it starts it, with options and a hidden token" starts
emulator=$(output pid)
check "it exports the settings" exports_the_settings
check "steps that follow find it" is_found_by_later_steps
check "it says why it did not start" says_why_it_did_not_start
if [[ -n $emulator ]]; then
    kill "$emulator"
    emulator=
fi

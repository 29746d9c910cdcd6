# shellcheck shell=bash disable=SC2154
# The npm packages: packed, installed from their files without a registry, and started. Read by `run`.

npm_here() { npm --silent --no-update-notifier --no-audit --no-fund --offline --cache "$place/npm-cache" "$@"; }
case $(uname -m) in x86_64) npm_platform=linux-x64 ;; *) npm_platform=linux-arm64 ;; esac
project=$work/npm-project
launched=$project/node_modules/.bin/ecs-local

packs() {
    "$root/packaging/npm/packages" "$archives" "$work/npm" "$npm_platform"
    local package
    for package in ecs-local "$npm_platform"; do
        (cd "$work/npm/$package" && npm_here pack --pack-destination "$work/npm")
    done
    tar -tzf "$work/npm/ecs-local-$version.tgz" | grep -x package/launcher.js
    local licence
    for licence in "$root"/LICENSE-*; do
        for package in ecs-local "ecs-local-$npm_platform"; do
            tar -tzf "$work/npm/$package-$version.tgz" | grep -x "package/${licence##*/}"
        done
    done
}
installs() {
    mkdir -p "$project"
    echo '{"private":true}' >"$project/package.json"
    (cd "$project" && npm_here install "$work/npm/ecs-local-$version.tgz" \
        "$work/npm/ecs-local-$npm_platform-$version.tgz")
}
passes_the_status_on() {
    status 2 "$launched" env no-such-client
    # Nobody listens on port 1.
    status 1 "$launched" health --listen 127.0.0.1:1
}
passes_a_signal_on() {
    "$launched" --listen 127.0.0.1:0 >"$work/npm-log" 2>&1 &
    local launcher=$! child ended=0
    for _ in $(seq 100); do
        if grep -q 'listens on' "$work/npm-log"; then break; fi
        sleep 0.1
    done
    child=$(pgrep --parent "$launcher")
    kill -TERM "$launcher"
    wait "$launcher" || ended=$?
    cat "$work/npm-log"
    ((ended == 0)) && ! kill -0 "$child" 2>/dev/null
}
says_what_is_missing() {
    rm -rf "$project/node_modules/@ecs-local"
    status 2 "$launched" --version 2>"$work/why"
    grep "@ecs-local/$npm_platform is not installed" "$work/why"
}

if command -v npm >/dev/null; then
    check "the packages are packed" packs
    check "they are installed" installs
    check "the command runs the binary" says_version "$launched"
    check "it ends with the binary's exit status" passes_the_status_on
    check "it passes a signal on, and nothing is left" passes_a_signal_on
    check "without the platform's package it says so" says_what_is_missing
else
    check "node with npm is there" false
fi

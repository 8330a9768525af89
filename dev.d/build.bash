# SPDX-License-Identifier: Apache-2.0
# Configuring and building a preset.

# build_targets PRESET TARGET...
build_targets() {
    local preset=$1
    shift
    heading "Build ($preset)"
    if [[ ! -f build/$preset/build.ninja ]]; then
        say "Configuring"
        quietly "configure-$preset" cmake --preset "$preset" || fail "cmake could not configure"
    fi
    local begun=$SECONDS
    cmake --build --preset "$preset" -j "$(jobs_now)" --target "$@" || fail "the build failed"
    say "(build: $((SECONDS - begun)) s)"
}

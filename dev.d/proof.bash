# SPDX-License-Identifier: Apache-2.0
# How good the tests are: what they run, what they notice, and what random inputs find.

fuzz() {
    local seconds=60
    if [[ ${1:-} =~ ^[0-9]+$ ]]; then
        seconds=$1
        shift
    fi
    need_packages build proof
    build_targets fuzz fuzz
    step "Fuzzing, $seconds s for each target" tests/fuzz/run --seconds "$seconds" "$@"
}

mutate() {
    need_packages build proof
    case ${1:-} in
        --list | --check) tests/mutate/run "$@" ;;
        *) step "Guards taken away, one at a time" tests/mutate/run "$@" ;;
    esac
}

coverage() {
    need_packages build proof
    build_targets coverage ledger_tests policy_test tools_test
    step "Lines and branches that tests run" tests/coverage/run "$@"
}

# SPDX-License-Identifier: Apache-2.0
# Everything that can be known about the sources without running them.

# Every file that is ours, committed or about to be; no git needed.
our_files() {
    find . \( -path ./.git -o -path ./build -o -name node_modules \) -prune -o -type f "$@" -print |
        sed 's|^\./||' | sort
}
cpp_files() { our_files \( -name '*.cpp' -o -name '*.hpp' \); }

lint() {
    local only_changed=no
    case ${1:-} in
        --changed) only_changed=yes ;;
        '') ;;
        *) usage_error "lint knows only --changed, not '$1'" ;;
    esac
    need_packages build lint
    step "Format (clang-format)" check_format
    step "Scripts" check_scripts
    step "Files" check_files
    # The analysis reads the build's compile commands and its generated headers.
    [[ -f build/release/build.ninja ]] || quietly configure-release cmake --preset release ||
        fail "cmake could not configure"
    step "Static analysis (clang-tidy)" check_tidy "$only_changed"
    summary "No complaints"
}

check_format() {
    if ! cpp_files | xargs -r clang-format-19 --dry-run -Werror; then
        say "Mend it with: clang-format-19 -i FILE"
        return 1
    fi
}

check_scripts() {
    local script scripts
    mapfile -t scripts < <(our_files \( -name '*.bash' -o -exec grep -qIm 1 '^#!.*bash' '{}' \; \))
    for script in "${scripts[@]}"; do bash -n "$script" || return 1; done
    if command -v shellcheck >/dev/null; then shellcheck -x "${scripts[@]}" || return 1; fi
    say "${#scripts[@]} scripts"
}

# none_match WHAT PATTERN FILE...: no line of these files may match.
none_match() {
    local what=$1 pattern=$2
    shift 2
    (($# > 0)) || return 0
    ! grep -nIE -e "$pattern" "$@" || { say "^ $what"; return 1; }
}

# What the sources themselves must keep to is a test: tests/layers/tidy_test.cpp.
check_files() {
    local locks everything status=0
    mapfile -t locks < <(our_files -name '*lock*.json')
    mapfile -t everything < <(our_files)
    none_match "a lock file names download addresses" '"resolved": *"http' "${locks[@]}" || status=1
    none_match "a path of one machine" '(^|[^A-Za-z0-9._-])/(home|Users|root|work)/[a-z]' \
        "${everything[@]}" || status=1
    none_match "a merge was not finished" '^(<<<<<<<|>>>>>>>) ' "${everything[@]}" || status=1
    say "${#everything[@]} files"
    return $status
}

# tidy FILE: silent but for its name, unless there is something to say.
tidy() {
    local out
    if out=$(clang-tidy-19 --quiet -p build/release "$1" 2>/dev/null); then
        echo "   $1"
    else
        printf '%s\n   %s: see above\n' "$out" "$1"
        return 1
    fi
}
export -f tidy

check_tidy() {
    local candidates sources file
    # The program, its examples and benchmarks. Tests are held to the compiler's warnings and the
    # format: analysing the test framework's macros takes longer than all the rest.
    if [[ $1 == yes ]]; then
        mapfile -t candidates < <(git ls-files --modified --others --exclude-standard '*.cpp')
    else
        mapfile -t candidates < <(our_files -name '*.cpp')
    fi
    mapfile -t candidates < <(printf '%s\n' "${candidates[@]}" | grep -v '^tests/')
    # Only what the build compiles can be analysed; headers are analysed where they are included.
    mapfile -t sources < <(for file in "${candidates[@]}"; do
        ! grep -qF "\"file\": \"$PWD/$file\"" build/release/compile_commands.json || echo "$file"
    done)
    say "${#sources[@]} files"
    ((${#sources[@]} > 0)) || return 0
    # One process a file: each line tells how far it is, and a slow file delays no other.
    # shellcheck disable=SC2016  # the inner shell expands it
    printf '%s\0' "${sources[@]}" | xargs -0 -P "$(jobs_now)" -n 1 bash -c 'tidy "$1"' tidy
}

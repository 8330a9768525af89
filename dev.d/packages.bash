# SPDX-License-Identifier: Apache-2.0
# The Debian 12 packages each group of verbs needs, and how they get there.

# Taking programs and packages apart and putting them together; and npm, from wherever.
packages_package=(binutils dpkg-dev file unzip)
packages_build=(
    g++ cmake ninja-build ccache pkg-config
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libsqlite3-dev
    libspdlog-dev libfmt-dev libcli11-dev libhowardhinnant-date-dev
    libsecp256k1-dev libcrypto++-dev
    catch2 tzdata python3
)
packages_lint=(clang-19 clang-tidy-19 clang-format-19)
# libFuzzer and coverage by clang; guards are taken away by a script.
packages_proof=(clang-19 llvm-19 python3)
# Programs of the same name, from wherever: npm fetches the clients and the Node they run on, openssl
# makes the certificate that a test serves, chromium shows the card.
packages_e2e=(npm openssl chromium)
# A browser for the operator page, of whatever name; faketime gives the pictures of it a past.
packages_web=(faketime)
browsers=(chromium chromium-browser google-chrome google-chrome-stable)

packages_of() {
    case $1 in
        build) printf '%s\n' "${packages_build[@]}" ;;
        lint) printf '%s\n' "${packages_lint[@]}" ;;
        proof) printf '%s\n' "${packages_proof[@]}" ;;
        package)
            printf '%s\n' "${packages_package[@]}"
            command -v npm >/dev/null || echo npm
            ;;
        e2e)
            local one
            for one in "${packages_e2e[@]}"; do
                command -v "$one" >/dev/null || printf '%s\n' "$one"
            done
            ;;
        web)
            printf '%s\n' "${packages_web[@]}"
            command -v "${browsers[@]}" >/dev/null || printf '%s\n' "${browsers[0]}"
            ;;
        *) usage_error "there is no group of packages '$1' (build, e2e, lint, package, proof, web)" ;;
    esac
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "this needs root, and there is no sudo. Run as root: $*"
    fi
}

# Nothing may be removed for us: Debian's own libboost1.74-dev, for one, gives way to no other.
apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends --no-remove "$@"
}

# need_packages GROUP...: installs what is missing of these groups.
need_packages() {
    local wanted missing unknown
    mapfile -t wanted < <(for group in "$@"; do packages_of "$group"; done)
    ((${#wanted[@]} > 0)) || return 0
    if ! command -v dpkg-query >/dev/null; then
        say "This is not Debian; the equivalents of these must be there: ${wanted[*]}"
        return 0
    fi
    mapfile -t missing < <(not_in "$(installed "${wanted[@]}")" "${wanted[@]}")
    ((${#missing[@]} > 0)) || return 0

    heading "Packages"
    say "Installing from Debian: ${missing[*]}"
    # Ask for a password now, not from behind a log.
    ((EUID == 0)) || as_root true
    unknown=$(not_in "$(apt-cache --no-generate pkgnames 2>/dev/null)" "${missing[@]}")
    [[ -z $unknown ]] || fetch_lists
    if ! quietly apt-install apt_install "${missing[@]}"; then
        # Lists that are too old name files that are gone.
        say "Trying again with fresh package lists"
        fetch_lists
        quietly apt-install apt_install "${missing[@]}" || fail "the packages could not be installed"
    fi
    say "Installed."
}

installed() {
    dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii  *//p'
}

# not_in LIST WORD...: the words that are no line of the list.
not_in() {
    local list=$1
    shift
    comm -13 <(sort -u <<<"$list") <(printf '%s\n' "$@" | sort -u)
}

fetch_lists() {
    say "Fetching Debian's package lists"
    quietly apt-update as_root apt-get update || fail "apt-get update failed"
}

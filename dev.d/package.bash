# SPDX-License-Identifier: Apache-2.0
# What is given to others: an MCP bundle, a registry entry and a Debian package. docs/packaging.md.

# What the bundle's program may take from the machine: glibc, and nothing else.
glibc_libraries='^(libc|libm|libpthread|libdl|librt|ld-linux-x86-64)\.so\.'
# What it brings along, because Debian has no archive of it or because that needs it, too.
bundled_libraries=(libdate-tz.so.3 libgcc_s.so.1 libstdc++.so.6)
# Whose work is in the program, and beside it in the bundle: Debian packages, for their notices.
# Boost's licence (BSL-1.0) asks for none beside a program.
linked_packages=(
    libssl-dev libsqlite3-dev libsecp256k1-dev libcrypto++-dev libspdlog-dev libfmt-dev libcli11-dev
)
bundled_packages=(libdate-tz3 libgcc-s1 libstdc++6)

project_version() {
    sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' build/release/CMakeCache.txt
}

npm_packages() { # FOLDER: fetches them where the lock file is newer
    local mark=$1/node_modules/.package-lock.json
    if [[ ! -f $mark || $1/package-lock.json -nt $mark ]]; then
        quietly "npm-${1//\//-}" npm ci --prefix "$1" --no-audit --no-fund ||
            fail "npm could not fetch the packages of $1"
        touch "$mark"
    fi
}

# newest_glibc FILE...: the newest version of glibc's symbols that these need.
newest_glibc() {
    local file
    for file; do objdump -T "$file"; done |
        grep -oE 'GLIBC_[0-9]+(\.[0-9]+)+' | sort -Vu | tail -n 1
}

# copy_libraries PROGRAM FOLDER: what the program needs beyond glibc; nothing may be among it that
# is not known here.
copy_libraries() {
    local needed library
    needed=$(objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }' | grep -vE "$glibc_libraries" |
        grep -vxF "$(printf '%s\n' "${bundled_libraries[@]}")" || true)
    [[ -z $needed ]] || fail "the bundle's program needs $needed: is a static library missing?"
    mkdir -p "$2"
    for library in "${bundled_libraries[@]}"; do
        cp -L "$(ldd "$1" | awk -v name="$library" '$1 == name { print $3 }')" "$2/$library"
        chmod 644 "$2/$library"
    done
}

# copy_notices FOLDER PACKAGE...: the terms of what is given along, as Debian states them.
copy_notices() {
    local folder=$1 package
    shift
    mkdir -p "$folder"
    cp LICENSE "$folder/purse.txt"
    for package; do cp -L "/usr/share/doc/$package/copyright" "$folder/$package.txt"; done
    {
        cat <<'TEXT'
Purse is under the Apache License, version 2.0 (purse.txt). These Debian packages, or parts of them,
are given with it as Debian has them; the terms of each are in the file of its name, its source is
in Debian. Boost is under the Boost Software License 1.0, which asks for no notice beside a program.

TEXT
        # shellcheck disable=SC2016  # dpkg-query expands it
        dpkg-query -W -f='${Package} ${Version} (source: ${source:Package} ${source:Version})\n' \
            "$@" libboost1.81-dev | sort
    } >"$folder/README.txt"
}

bundle() {
    (($# == 0)) || usage_error "bundle takes no words"
    need_packages build package
    build_targets release purse_bundle
    npm_packages packaging
    local node=packaging/node_modules/.bin/node
    local mcpb=packaging/node_modules/@anthropic-ai/mcpb/dist/cli/cli.js
    local folder=build/bundle/purse file
    file=build/bundle/purse-$(project_version)-linux-$(uname -m).mcpb

    heading "Bundle"
    rm -rf build/bundle
    mkdir -p "$folder/bin" "$folder/packaging"
    install -m 755 build/release/bundle/bin/purse "$folder/bin/purse"
    copy_libraries "$folder/bin/purse" "$folder/lib"
    copy_notices "$folder/licences" "${linked_packages[@]}" "${bundled_packages[@]}"
    install -m 644 manifest.json examples/policy.jsonc "$folder"
    install -m 644 packaging/icon.png "$folder/packaging"
    "$node" "$mcpb" validate "$folder/manifest.json" || fail "the manifest is not valid"
    "$node" "$mcpb" pack "$folder" "$file" || fail "the bundle could not be packed"
    "$node" "$mcpb" info "$file" || fail "the bundle is not readable"
    "$node" packaging/registry_entry.mjs server.json "$file" >build/bundle/server.json ||
        fail "the registry entry could not be written"

    say ''
    say "bundle:         $file"
    say "size:           $(stat -c %s "$file") bytes; unpacked, $(du -sb "$folder" | cut -f 1)"
    say "sha256:         $(sha256sum "$file" | cut -d ' ' -f 1)"
    say "needs:          $(newest_glibc "$folder/bin/purse" "$folder"/lib/*), $(uname -m)"
    say "registry entry: build/bundle/server.json"
}

deb() {
    (($# == 0)) || usage_error "deb takes no words"
    need_packages build package
    build_targets release purse
    heading "Debian package"
    rm -rf build/deb build/release/licences
    copy_notices build/release/licences "${linked_packages[@]}"
    quietly cpack cpack --config build/release/CPackConfig.cmake -B build/deb ||
        fail "cpack could not make the package"
    local file
    file=$(echo build/deb/*.deb)
    dpkg-deb --info "$file"
    say ''
    say "package: $file"
    say "size:    $(stat -c %s "$file") bytes"
    say "sha256:  $(sha256sum "$file" | cut -d ' ' -f 1)"
}

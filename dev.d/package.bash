# SPDX-License-Identifier: Apache-2.0
# What is given to others: an MCP bundle, a registry entry and a Debian package. docs/packaging.md.

# What the bundle's program may take from the machine: glibc, and nothing else.
glibc_libraries='^(libc|libm|libpthread|libdl|librt|ld-linux-x86-64)\.so\.'
# What it brings along, because Debian has no archive of it or because that needs it, too.
bundled_libraries=(libdate-tz.so.3 libgcc_s.so.1 libstdc++.so.6)
# Whose work is in the program: Debian packages, for their notices. Boost's licence (BSL-1.0) asks
# for none beside a program.
notice_packages=(
    libdate-tz3 libgcc-s1 libstdc++6 libssl-dev libsqlite3-dev libsecp256k1-dev libcrypto++-dev
    libspdlog-dev libfmt-dev libcli11-dev
)

project_version() {
    sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' build/release/CMakeCache.txt
}

npm_packages() { # FOLDER: fetches them where the lock file is newer
    local mark=$1/node_modules/.package-lock.json
    if [[ ! -f $mark || $1/package-lock.json -nt $mark ]]; then
        quietly "npm-${1//\//-}" npm ci --prefix "$1" --no-audit --no-fund || fail "npm could not fetch"
        touch "$mark"
    fi
}

# newest_glibc FILE...: the newest version of glibc's symbols that these need.
newest_glibc() {
    local file
    for file; do objdump -T "$file"; done | grep -oE 'GLIBC_[0-9]+(\.[0-9]+)+' | sort -Vu | tail -n 1
}

# copy_libraries PROGRAM FOLDER: what the program needs beyond glibc; nothing may be among it that
# is not known here.
copy_libraries() {
    local needed library
    needed=$(objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }' | grep -vE "$glibc_libraries")
    needed=$(not_in "$(printf '%s\n' "${bundled_libraries[@]}")" $needed)
    [[ -z $needed ]] || fail "the bundle's program needs $needed: is a static library missing?"
    mkdir -p "$2"
    for library in "${bundled_libraries[@]}"; do
        cp -L "$(ldd "$1" | awk -v name="$library" '$1 == name { print $3 }')" "$2/$library"
        chmod 644 "$2/$library"
    done
}

# copy_notices FOLDER: the licences of what is linked in or brought along, as Debian states them.
copy_notices() {
    local package
    mkdir -p "$1"
    cp LICENSE "$1/purse.txt"
    for package in "${notice_packages[@]}"; do
        cp -L "/usr/share/doc/$package/copyright" "$1/$package.txt"
    done
    {
        say "Purse is under the Apache licence, version 2.0 (purse.txt). It contains parts of these Debian"
        say "packages; each has its terms in the file of its name. Their sources are in Debian, unchanged."
        say "Boost is under the Boost Software License 1.0, which asks for no notice beside a program."
        say ''
        dpkg-query -W -f='${Package} ${Version} (source: ${source:Package})\n' \
            "${notice_packages[@]}" libboost1.81-dev | sort
    } >"$1/README.txt"
}

bundle() {
    (($# == 0)) || usage_error "bundle takes no words"
    need_packages build e2e package
    build_targets release purse_bundle
    npm_packages packaging
    local node=packaging/node_modules/.bin/node mcpb=packaging/node_modules/@anthropic-ai/mcpb/dist/cli/cli.js
    local folder=build/bundle/purse version name file
    version=$(project_version)
    name=purse-$version-linux-$(uname -m).mcpb
    file=build/bundle/$name

    heading "Bundle"
    rm -rf build/bundle
    mkdir -p "$folder/bin" "$folder/packaging"
    install -m 755 build/release/bundle/bin/purse "$folder/bin/purse"
    copy_libraries "$folder/bin/purse" "$folder/lib"
    copy_notices "$folder/licences"
    install -m 644 manifest.json examples/policy.jsonc "$folder"
    install -m 644 packaging/icon.png "$folder/packaging"
    "$node" "$mcpb" validate "$folder/manifest.json" || fail "the manifest is not valid"
    "$node" "$mcpb" pack "$folder" "$file" || fail "the bundle could not be packed"
    "$node" "$mcpb" info "$file" || fail "the bundle is not readable"
    "$node" packaging/registry_entry.mjs server.json "$file" >build/bundle/server.json ||
        fail "the registry entry could not be written"

    say ''
    say "bundle:         $file"
    say "size:           $(stat -c %s "$file") bytes ($(stat -c %s "$folder/bin/purse") the program)"
    say "sha256:         $(sha256sum "$file" | cut -d ' ' -f 1)"
    say "needs:          glibc $(newest_glibc "$folder/bin/purse" "$folder"/lib/* | cut -d _ -f 2), x86-64"
    say "registry entry: build/bundle/server.json"
}

deb() {
    (($# == 0)) || usage_error "deb takes no words"
    need_packages build package
    build_targets release purse
    heading "Debian package"
    rm -rf build/deb
    quietly cpack cpack --config build/release/CPackConfig.cmake -B build/deb ||
        fail "cpack could not make the package"
    local file
    file=$(echo build/deb/*.deb)
    dpkg-deb --info "$file"
    say "package: $file, $(stat -c %s "$file") bytes"
    say "sha256:  $(sha256sum "$file" | cut -d ' ' -f 1)"
}

# SPDX-License-Identifier: Apache-2.0
# Debian 12's packages; `./dev setup` installs them. Linked statically where that makes
# a process start faster and stay smaller.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
set(OPENSSL_USE_STATIC_LIBS ON)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto SSL)
find_library(SQLite3_LIBRARY NAMES libsqlite3.a sqlite3)
find_package(SQLite3 3.40 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(date 3.0 REQUIRED CONFIG)

# Static where Debian has a static library; neither package brings a CMake target of its own.
function(purse_library target header archive name)
    find_path(${target}_INCLUDE NAMES ${header} REQUIRED)
    find_library(${target}_LIBRARY NAMES ${archive} ${name} REQUIRED)
    add_library(${target} UNKNOWN IMPORTED GLOBAL)
    set_target_properties(${target} PROPERTIES
        IMPORTED_LOCATION ${${target}_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${${target}_INCLUDE})
endfunction()
purse_library(CryptoPP::CryptoPP cryptopp/keccak.h libcryptopp.a cryptopp)
purse_library(secp256k1::secp256k1 secp256k1_recovery.h libsecp256k1.a secp256k1)

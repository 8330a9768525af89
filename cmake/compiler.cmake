# SPDX-License-Identifier: Apache-2.0
# How every target is compiled. Sanitizers come from presets (PURSE_SANITIZE).
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor
                    -Wold-style-cast -Wimplicit-fallthrough
                    # Members have default values, and designated initializers name what differs.
                    -Wno-missing-field-initializers -Werror
                    # libstdc++ 12 sorts with what it itself calls deprecated; only clang minds.
                    $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)

set(PURSE_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")
if(PURSE_SANITIZE)
    add_compile_options(-fsanitize=${PURSE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${PURSE_SANITIZE})
    # ThreadSanitizer does not see Boost.Asio's fences, which guard nothing that our one I/O thread
    # does not guard itself; the compiler warns of each.
    if(PURSE_SANITIZE MATCHES thread)
        add_compile_options(-Wno-tsan)
    endif()
else()
    # Hardening: bounds of standard containers, stack and heap writes, full RELRO.
    add_compile_options(-fstack-protector-strong $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>
                        -D_GLIBCXX_ASSERTIONS)
    add_link_options(-Wl,-z,relro,-z,now -Wl,--as-needed)
endif()

# Where each line and branch is counted (clang's source-based coverage, tests/coverage).
option(PURSE_COVERAGE "Count lines and branches, which needs clang" OFF)
if(PURSE_COVERAGE)
    add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
    add_link_options(-fprofile-instr-generate)
endif()

# purse_room(NAME SOURCES... LINKS...): one room's library.
function(purse_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
    add_library(purse_${name} STATIC ${ROOM_SOURCES})
    target_include_directories(purse_${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(purse_${name} PUBLIC ${ROOM_LINKS} PRIVATE ${ROOM_PRIVATE_LINKS})
endfunction()

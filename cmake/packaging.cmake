# SPDX-License-Identifier: Apache-2.0
# What is given to others: the program of the .mcpb bundle (`./dev bundle`) and the .deb (`./dev deb`).

# The version is said once, in the first lines of CMakeLists.txt; hosts and registries read it here.
foreach(file manifest.json server.json)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} text)
    string(JSON stated GET "${text}" version)
    if(NOT stated STREQUAL PROJECT_VERSION)
        message(FATAL_ERROR "${file} says version ${stated}; CMakeLists.txt says ${PROJECT_VERSION}")
    endif()
endforeach()

# The same objects, linked once more: without symbols, and looking in the bundle's own lib/ for what
# Debian has no archive of. DT_RPATH, because a host's LD_LIBRARY_PATH goes before DT_RUNPATH.
add_executable(purse_bundle EXCLUDE_FROM_ALL server/main.cpp)
target_link_libraries(purse_bundle PRIVATE purse_server)
target_link_options(purse_bundle PRIVATE -s -Wl,--gc-sections -Wl,--disable-new-dtags)
set_target_properties(purse_bundle PROPERTIES
    OUTPUT_NAME purse
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bundle/bin
    BUILD_WITH_INSTALL_RPATH ON
    INSTALL_RPATH "$ORIGIN/../lib")

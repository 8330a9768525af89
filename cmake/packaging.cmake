# SPDX-License-Identifier: Apache-2.0
# What is given to others: the program of the .mcpb bundle (`./dev bundle`) and the .deb
# (`./dev deb`).

# The version is said once, in the first lines of CMakeLists.txt; hosts and registries read it here.
foreach(file manifest.json server.json)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} text)
    string(JSON stated GET "${text}" version)
    if(NOT stated STREQUAL PROJECT_VERSION)
        message(FATAL_ERROR "${file} says version ${stated}, CMakeLists.txt ${PROJECT_VERSION}")
    endif()
endforeach()

# The same objects, linked once more: without symbols, and looking in the bundle's own lib/ for
# what Debian has no archive of. DT_RPATH, because a host's LD_LIBRARY_PATH goes before DT_RUNPATH.
add_executable(purse_bundle EXCLUDE_FROM_ALL server/main.cpp)
target_link_libraries(purse_bundle PRIVATE purse_server)
target_link_options(purse_bundle PRIVATE -s -Wl,--gc-sections -Wl,--disable-new-dtags)
set_target_properties(purse_bundle PROPERTIES
    OUTPUT_NAME purse
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bundle/bin
    BUILD_WITH_INSTALL_RPATH ON
    INSTALL_RPATH "$ORIGIN/../lib")

# The .deb. What is only in it is left out of `./dev install`.
set(doc share/doc/purse)
set(generated ${PROJECT_BINARY_DIR}/generated/packaging)
install(FILES packaging/systemd/purse.service DESTINATION lib/systemd/system
        COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES docs/cli.md docs/http.md docs/packaging.md docs/policy.md docs/tools.md docs/wallet.md
              packaging/deb/copyright
        DESTINATION ${doc} COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES examples/policy.jsonc examples/demo.policy.jsonc
        DESTINATION ${doc}/examples COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES packaging/deb/default DESTINATION /etc/default RENAME purse
        COMPONENT debian EXCLUDE_FROM_ALL)
# Debian wants these compressed, the same for the same content.
foreach(pair CHANGELOG.md:changelog packaging/deb/purse.1:purse.1)
    string(REGEX MATCH "^(.*):(.*)$" unused ${pair})
    set(source ${CMAKE_MATCH_1})
    set(name ${CMAKE_MATCH_2})
    install(CODE "execute_process(
        COMMAND gzip -9n --stdout \"${PROJECT_SOURCE_DIR}/${source}\"
        OUTPUT_FILE \"${generated}/${name}.gz\" COMMAND_ERROR_IS_FATAL ANY)"
            COMPONENT debian EXCLUDE_FROM_ALL)
endforeach()
file(MAKE_DIRECTORY ${generated})
install(FILES ${generated}/changelog.gz DESTINATION ${doc} COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${generated}/purse.1.gz DESTINATION share/man/man1
        COMPONENT debian EXCLUDE_FROM_ALL)
# ./dev deb puts them there.
install(DIRECTORY ${PROJECT_BINARY_DIR}/licences/ DESTINATION ${doc}/licences
        COMPONENT debian EXCLUDE_FROM_ALL OPTIONAL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME purse)
set(CPACK_PACKAGE_VENDOR "The Purse contributors")
set(CPACK_PACKAGE_CONTACT "The Purse contributors <purse@purse-mcp.invalid>")
set(CPACK_PACKAGE_HOMEPAGE_URL https://github.com/purse-mcp/purse)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL purse debian)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser")
# Opening hours have time zones; nodes of a chain have certificates.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "tzdata, ca-certificates")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "payments of agents under hard spending caps (MCP server)")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"An MCP server between an agent and its money. Before a paid call the agent
asks it to hold an amount; after the call it settles what the call cost.
Every hold is checked against caps that the agent cannot change, and every
answer is in a journal that can be verified.
.
The package brings a systemd unit that is neither enabled nor started.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${PROJECT_SOURCE_DIR}/packaging/deb/postinst" "${PROJECT_SOURCE_DIR}/packaging/deb/prerm"
    "${PROJECT_SOURCE_DIR}/packaging/deb/postrm" "${PROJECT_SOURCE_DIR}/packaging/deb/conffiles")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)

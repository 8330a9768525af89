# SPDX-License-Identifier: Apache-2.0
# cmake -DROOT=DIR -DOUTPUT=FILE.cpp -P embed.cmake FILE...: writes the C++ that holds these files,
# whose bytes the assembler reads. Their digests stand in it, so it changes when one of them does.
set(declarations "")
set(rows "")
set(number 0)
set(is_file FALSE)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
    set(file "${CMAKE_ARGV${i}}")
    if(is_file)
        file(RELATIVE_PATH path "${ROOT}" "${file}")
        file(SHA256 "${file}" digest)
        string(APPEND declarations
            "asm(\".section .rodata\\n.hidden purse_web_${number}\\n.globl purse_web_${number}\\n\"\n"
            "    \"purse_web_${number}:\\n.incbin \\\"${file}\\\"\\n\"\n"
            "    \".hidden purse_web_end_${number}\\n.globl purse_web_end_${number}\\n\"\n"
            "    \"purse_web_end_${number}:\\n.byte 0\\n.text\\n\");\n"
            "extern \"C\" const char purse_web_${number}[];\n"
            "extern \"C\" const char purse_web_end_${number}[];\n")
        string(APPEND rows
            "    {\"${path}\", purse_web_${number}, purse_web_end_${number},\n     \"${digest}\"},\n")
        math(EXPR number "${number} + 1")
    elseif(file MATCHES "embed\\.cmake$")
        set(is_file TRUE)
    endif()
endforeach()
if(number EQUAL 0)
    set(body "    return {};\n")
else()
    set(body "    static constexpr EmbeddedFile kFiles[] = {\n${rows}    };\n    return kFiles;\n")
endif()
file(WRITE "${OUTPUT}"
    "// Written by cmake/embed.cmake.\n#include \"web/embedded.hpp\"\n\n${declarations}\n"
    "namespace purse::web {\n\nstd::span<const EmbeddedFile> embedded_files()\n{\n${body}}\n\n"
    "}  // namespace purse::web\n")

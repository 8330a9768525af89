// SPDX-License-Identifier: Apache-2.0
// What cmake/embed.cmake writes the other side of: the bytes of each file, as the assembler put
// them into the program.
#pragma once

#include <span>

namespace purse::web {

struct EmbeddedFile {
    const char* path;
    const char* begin;
    const char* end;
    const char* sha256;
};

std::span<const EmbeddedFile> embedded_files();

}  // namespace purse::web

// SPDX-License-Identifier: Apache-2.0
// The static files below web/, as they were when the program was built. They are a part of the
// binary: nothing is read from disk when they are served.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace purse::web {

struct WebFile {
    std::string_view path;          ///< below web/: "operator/index.html"
    std::string_view content_type;  ///< "text/html; charset=utf-8"
    std::string_view bytes;
    std::string_view etag;  ///< SHA-256 of the bytes, hexadecimal; without quotes
};

/// All of them, by path.
std::span<const WebFile> web_files();

/// nullptr: there is none of that exact path.
const WebFile* find_web_file(std::string_view path);

/// By the end of the name; "application/octet-stream" for one that is not known.
std::string_view content_type_of(std::string_view path);

}  // namespace purse::web

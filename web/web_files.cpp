// SPDX-License-Identifier: Apache-2.0
#include "web/web_files.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "web/embedded.hpp"

namespace purse::web {

namespace {
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
}};

std::vector<WebFile> all()
{
    std::vector<WebFile> files;
    for (const auto& one : embedded_files())
        files.push_back({.path = one.path,
                         .content_type = content_type_of(one.path),
                         .bytes = {one.begin, one.end},
                         .etag = one.sha256});
    std::ranges::sort(files, {}, &WebFile::path);
    return files;
}
}  // namespace

std::span<const WebFile> web_files()
{
    static const auto kFiles = all();
    return kFiles;
}

const WebFile* find_web_file(std::string_view path)
{
    const auto files = web_files();
    const auto found = std::ranges::lower_bound(files, path, {}, &WebFile::path);
    return found != files.end() && found->path == path ? &*found : nullptr;
}

std::string_view content_type_of(std::string_view path)
{
    for (const auto& [ending, type] : kTypes)
        if (path.ends_with(ending)) return type;
    return "application/octet-stream";
}

}  // namespace purse::web

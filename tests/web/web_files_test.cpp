// SPDX-License-Identifier: Apache-2.0
#include "web/web_files.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "ledger/hash.hpp"

using namespace purse;
namespace fs = std::filesystem;

namespace {
std::string text_of(const fs::path& file)
{
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

bool is_served(const fs::path& file)
{
    static const std::set<std::string> kEndings{".html", ".css", ".js",  ".json",
                                                ".svg",  ".png", ".ico", ".woff2"};
    return kEndings.contains(file.extension().string());
}
}  // namespace

TEST_CASE("web: every file below web/ is in the program, byte for byte")
{
    std::size_t on_disk = 0;
    for (const auto& entry : fs::recursive_directory_iterator{WEB_FOLDER}) {
        if (!entry.is_regular_file() || !is_served(entry.path())) continue;
        ++on_disk;
        const auto path = fs::relative(entry.path(), WEB_FOLDER).generic_string();
        CAPTURE(path);
        const auto* file = web::find_web_file(path);
        REQUIRE(file != nullptr);
        CHECK(file->bytes == text_of(entry.path()));
        CHECK(file->etag == to_hex(as_bytes(sha256({file->bytes}))));
    }
    CHECK(web::web_files().size() == on_disk);
}

TEST_CASE("web: only exact paths are found")
{
    CHECK(web::find_web_file("") == nullptr);
    CHECK(web::find_web_file("../CMakeLists.txt") == nullptr);
    CHECK(web::find_web_file("CMakeLists.txt") == nullptr);
    CHECK(web::find_web_file("operator/") == nullptr);
}

TEST_CASE("web: a file's type follows from its name")
{
    CHECK(web::content_type_of("a/index.html") == "text/html; charset=utf-8");
    CHECK(web::content_type_of("a.js") == "text/javascript; charset=utf-8");
    CHECK(web::content_type_of("a.css") == "text/css; charset=utf-8");
    CHECK(web::content_type_of("icon.svg") == "image/svg+xml");
    CHECK(web::content_type_of("html") == "application/octet-stream");
}

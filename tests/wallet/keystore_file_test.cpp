// SPDX-License-Identifier: Apache-2.0
#include "wallet/keystore_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/seeded_entropy.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/wallet/known.hpp"

using namespace purse;
using namespace purse::test;
namespace fs = std::filesystem;

namespace {
constexpr ScryptCost kCheap{.n = 2, .r = 1, .p = 1};

struct Fixture {
    TempFolder folder;
    SeededEntropy entropy{13};
    Curve curve{entropy};
    SecretKey key = std::move(*parse_key(kKnownKey));
    SecretText password{"correct horse"};
    std::string path = folder / "treasury.json";

    std::expected<void, KeystoreError> save() { return save_to(path); }
    std::expected<void, KeystoreError> save_to(const std::string& where)
    {
        return save_keystore(where, curve, key, password, kCheap, entropy);
    }
    std::string refusal(const std::string& where) const
    {
        const auto loaded = load_keystore(where);
        if (loaded) return "none";
        CHECK(loaded.error().what.find(kKnownKey.substr(0, 8)) == std::string::npos);
        return loaded.error().what;
    }
    std::size_t files() const
    {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator{folder.path()}, fs::directory_iterator{}));
    }
};

std::string contents(const std::string& path)
{
    std::ostringstream out;
    out << std::ifstream{path}.rdbuf();
    return out.str();
}
}  // namespace

TEST_CASE_METHOD(Fixture, "keystore file: what was saved is loaded; only its owner may read it")
{
    const auto before = ::umask(0);
    REQUIRE(save());
    ::umask(before);
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
    CHECK(status.st_nlink == 1);
    CHECK(files() == 1);
    CHECK(contents(path).find(kKnownKey) == std::string::npos);
    const auto keystore = load_keystore(path);
    REQUIRE(keystore);
    CHECK(same_secret(open_keystore(curve, *keystore, password).value(), key));
}

TEST_CASE_METHOD(Fixture, "keystore file: a strict umask does not lock us out")
{
    const auto before = ::umask(0777);
    const auto saved = save();
    ::umask(before);
    REQUIRE(saved);
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
}

TEST_CASE_METHOD(Fixture, "keystore file: nothing is ever overwritten, and nothing left behind")
{
    std::ofstream{path} << "precious";
    const auto saved = save();
    REQUIRE_FALSE(saved);
    CHECK(saved.error().what.find("never overwritten") != std::string::npos);
    CHECK(contents(path) == "precious");
    CHECK(files() == 1);
    // Nor what a link points at, nor the link.
    fs::remove(path);
    fs::create_symlink(folder / "nowhere", path);
    REQUIRE_FALSE(save());
    CHECK(fs::is_symlink(path));
    CHECK(files() == 1);
}

TEST_CASE_METHOD(Fixture, "keystore file: a folder that is not there is an error")
{
    const auto saved = save_to(folder / "none/key.json");
    REQUIRE_FALSE(saved);
    CHECK(saved.error().kind == KeystoreError::Kind::file);
    CHECK(files() == 0);
}

TEST_CASE_METHOD(Fixture, "keystore file: a bare file name is in the current folder")
{
    const auto before = fs::current_path();
    fs::current_path(folder.path());
    const auto saved = save_to("bare.json");
    fs::current_path(before);
    CHECK(saved.has_value());
    CHECK(fs::exists(folder / "bare.json"));
}

TEST_CASE_METHOD(Fixture, "keystore file: one that others may touch is refused with the remedy")
{
    REQUIRE(save());
    for (const mode_t mode : {0640U, 0604U, 0620U, 0610U, 0602U, 0601U, 0660U, 0644U, 0777U}) {
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        CAPTURE(mode);
        CHECK(refusal(path).ends_with("chmod 600 " + path));
    }
    for (const mode_t mode : {0600U, 0400U, 0700U}) {
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        CHECK(load_keystore(path));
    }
}

TEST_CASE_METHOD(Fixture, "keystore file: what is no regular file is refused")
{
    REQUIRE(save());
    const auto link = folder / "link.json";
    fs::create_symlink(path, link);
    CHECK(refusal(link).find("not a regular file") != std::string::npos);
    CHECK(refusal(folder.path()).find("not a regular file") != std::string::npos);
    const auto pipe = folder / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(refusal(pipe).find("not a regular file") != std::string::npos);
    CHECK(refusal("/dev/null").find("not a regular file") != std::string::npos);
    CHECK(refusal(folder / "none").find("cannot be opened") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "keystore file: one of another user is refused")
{
    REQUIRE(save());
    if (::geteuid() != 0) {
        WARN("only root can give a file away: not tried");
        return;
    }
    REQUIRE(::chown(path.c_str(), 12345, 12345) == 0);
    CHECK(refusal(path).find("belongs to another user") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "keystore file: one that is cut or too long is refused with its name")
{
    REQUIRE(save());
    fs::resize_file(path, fs::file_size(path) / 2);
    CHECK(refusal(path).starts_with(path + ": the keystore's text is no JSON object"));
    fs::resize_file(path, kKeystoreBytesMax + 1);
    CHECK(refusal(path).find("longer than") != std::string::npos);
}

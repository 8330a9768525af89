// SPDX-License-Identifier: Apache-2.0
#include "ledger/system/head_key.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "ledger/store.hpp"
#include "ledger/system/clock.hpp"
#include "tests/support/temp_folder.hpp"

using namespace purse;
using namespace purse::test;
using system::FileHeadKey;

TEST_CASE("head key: made once, private, the same afterwards")
{
    TempFolder folder;
    const auto path = folder / "journal.key";
    const FileHeadKey first{path};
    CHECK_FALSE(std::filesystem::exists(path));  // on first use
    const auto key = first.public_key();
    CHECK(key.size() == 32);
    struct stat info{};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    const FileHeadKey second{path};
    CHECK(second.public_key() == key);
    CHECK(verify_signature(key, "text", second.sign("text")));
    CHECK_FALSE(verify_signature(key, "text.", second.sign("text")));
    CHECK(std::distance(std::filesystem::directory_iterator{folder.path()}, {}) ==
          1);  // no draft left
}

TEST_CASE("head key: two that start at once agree")
{
    for (int i = 0; i < 10; ++i) {
        TempFolder folder;
        std::string keys[4];
        {
            std::vector<std::jthread> threads;
            for (auto& key : keys)
                threads.emplace_back(
                    [&] { key = FileHeadKey{folder / "journal.key"}.public_key(); });
        }
        for (const auto& key : keys) CHECK(key == keys[0]);
        CHECK(FileHeadKey{folder / "journal.key"}.public_key() == keys[0]);
    }
}

TEST_CASE("head key: a file that is no key is refused and kept")
{
    TempFolder folder;
    const auto path = folder / "journal.key";
    std::ofstream{path} << "not a key\n";
    const FileHeadKey key{path};
    CHECK_THROWS_AS(key.public_key(), StoreError);
    CHECK_THROWS_AS(key.sign("x"), StoreError);
    CHECK(std::filesystem::file_size(path) == 10);
    CHECK_THROWS_AS(FileHeadKey{folder / "nowhere/journal.key"}.sign("x"), StoreError);
}

TEST_CASE("system: clocks rise and random bytes differ")
{
    const system::SystemClock clock;
    const auto wall = clock.wall();
    const auto boot = clock.boot();
    CHECK(wall.us > 1'700'000'000'000'000);
    CHECK(clock.boot() >= boot);
    system::SystemEntropy entropy;
    std::array<std::uint8_t, 3'000> one{};
    std::array<std::uint8_t, 3'000> two{};
    entropy.fill(one);
    entropy.fill(two);
    CHECK(one != two);
    CHECK(std::ranges::count(one, 0) < 100);
}

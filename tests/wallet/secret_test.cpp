// SPDX-License-Identifier: Apache-2.0
#include "wallet/secret.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>
#include <ostream>
#include <string>
#include <type_traits>

#include "tests/wallet/known.hpp"

using namespace purse;
using namespace purse::test;

namespace {
// Looked at in the moment when its memory is given back.
const void* watched = nullptr;
std::size_t watched_size = 0;
bool was_zero = false;

void look(const void* memory)
{
    if (memory == nullptr || memory != watched) return;
    const auto* bytes = static_cast<const char*>(memory);
    was_zero = std::all_of(bytes, bytes + watched_size, [](char c) { return c == '\0'; });
}

void watch(const SecretText& text)
{
    watched = text.view().data();
    watched_size = text.view().size();
    was_zero = false;
}
}  // namespace

// These replace the ones of this whole test program.
void* operator new[](std::size_t size)
{
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc{};
}
void operator delete[](void* memory) noexcept
{
    look(memory);
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept
{
    look(memory);
    std::free(memory);
}

namespace {
template <typename T>
concept Printable = requires(std::ostream& out, const T& secret) { out << secret; };
template <typename T>
concept Comparable = requires(const T& secret) { secret == secret; };
template <typename T>
concept AsText =
    std::is_convertible_v<T, std::string> || std::is_convertible_v<T, std::string_view>;

template <typename T>
constexpr bool kGuarded =
    !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> &&
    std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
    !Printable<T> && !Comparable<T> && !AsText<T>;
static_assert(kGuarded<SecretKey>);
static_assert(kGuarded<SecretText>);
// The concepts know what they look for.
static_assert(Printable<std::string> && Comparable<std::string> && AsText<std::string>);

bool all_zero(std::span<const std::uint8_t> bytes)
{
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

SecretKey known_key()
{
    return std::move(*parse_key(kKnownKey));
}
}  // namespace

TEST_CASE("secret: a key that goes leaves zeros in its place")
{
    alignas(SecretKey) std::array<std::uint8_t, sizeof(SecretKey)> place{};
    auto* key = new (place.data()) SecretKey{known_key()};
    REQUIRE_FALSE(all_zero(key->bytes()));
    key->~SecretKey();
    // Read as a compiler cannot foresee.
    const volatile auto* bytes = place.data();
    for (std::size_t i = 0; i < place.size(); ++i) CHECK(bytes[i] == 0);
}

TEST_CASE("secret: a key that was moved leaves zeros behind")
{
    auto first = known_key();
    SecretKey second{std::move(first)};
    CHECK(all_zero(first.bytes()));  // NOLINT(bugprone-use-after-move): that is what is tested
    CHECK(same_secret(second, known_key()));
    SecretKey third;
    third = std::move(second);
    CHECK(all_zero(second.bytes()));  // NOLINT(bugprone-use-after-move)
    CHECK(same_secret(third, known_key()));
    auto& itself = third;
    third = std::move(itself);
    CHECK(same_secret(third, known_key()));
}

TEST_CASE("secret: a password's memory is wiped before it is given back")
{
    {
        const SecretText password{"correct horse battery staple, quite long"};
        watch(password);
    }
    CHECK(was_zero);
    SecretText password{"another long password, for all that matters"};
    watch(password);
    password = SecretText{"third"};
    CHECK(was_zero);
    CHECK(password.view() == "third");
    watched = nullptr;
}

TEST_CASE("secret: a password moves without a copy and shrinks without a trace")
{
    SecretText first{"password"};
    const auto* place = first.view().data();
    SecretText second{std::move(first)};
    CHECK(second.view().data() == place);
    CHECK(first.view().empty());  // NOLINT(bugprone-use-after-move)
    second.shorten(20);
    CHECK(second.view() == "password");
    second.shorten(4);
    CHECK(second.view() == "pass");
    CHECK(std::string_view{place, 8} == std::string_view{"pass\0\0\0\0", 8});
    CHECK(SecretText{}.view().empty());
    CHECK(SecretText{std::size_t{3}}.view() == std::string_view{"\0\0\0", 3});
}

TEST_CASE("secret: equal secrets are the same")
{
    CHECK(same_secret(SecretText{"a"}, SecretText{"a"}));
    CHECK_FALSE(same_secret(SecretText{"a"}, SecretText{"b"}));
    CHECK_FALSE(same_secret(SecretText{"a"}, SecretText{"aa"}));
    CHECK(same_secret(SecretText{}, SecretText{""}));
    CHECK_FALSE(same_secret(known_key(), SecretKey{}));
}

TEST_CASE("secret: a key is read from 64 hexadecimal digits and nothing else")
{
    const std::string text{kKnownKey};
    CHECK(same_secret(*parse_key("0x" + text), known_key()));
    CHECK(to_hex({reinterpret_cast<const char*>(known_key().bytes().data()), 32}) == text);
    for (const auto& wrong : {std::string{}, text.substr(1), text + "0", text.substr(0, 63) + "g",
                              "0X" + text, text + "\n", "0x0x" + text})
        CHECK_FALSE(parse_key(wrong));
}

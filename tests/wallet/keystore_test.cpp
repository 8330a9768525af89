// SPDX-License-Identifier: Apache-2.0
#include "wallet/keystore.hpp"

#include <openssl/evp.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/support/seeded_entropy.hpp"
#include "tests/wallet/known.hpp"
#include "wallet/keccak.hpp"

using namespace purse;
using namespace purse::test;

namespace {
constexpr ScryptCost kCheap{.n = 2, .r = 1, .p = 1};
using Kind = KeystoreError::Kind;

struct Fixture {
    SeededEntropy entropy{11};
    Curve curve{entropy};
    SecretKey key = std::move(*parse_key(kKnownKey));
    SecretText password{"correct horse"};

    std::string sealed(const ScryptCost& cost = kCheap)
    {
        return seal_key(curve, key, password, cost, entropy).value();
    }
    std::expected<SecretKey, KeystoreError> open(const std::string& json, const SecretText& with)
    {
        const auto keystore = parse_keystore(json);
        if (!keystore) return std::unexpected{keystore.error()};
        return open_keystore(curve, *keystore, with);
    }
    Kind fault(const std::string& json)
    {
        const auto opened = open(json, password);
        REQUIRE_FALSE(opened);
        // The key, its beginning and the password are in no error.
        const auto& what = opened.error().what;
        CHECK(what.find(kKnownKey.substr(0, 8)) == std::string::npos);
        CHECK(what.find("horse") == std::string::npos);
        CHECK_FALSE(what.empty());
        return opened.error().kind;
    }
};

std::string replaced(std::string text, const std::string& from, const std::string& to)
{
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

/// The member's value in the text, without quotes.
std::string value_of(const std::string& json, const std::string& member)
{
    const auto from = json.find("\"" + member + "\":\"") + member.size() + 4;
    return json.substr(from, json.find('"', from) - from);
}

/// As an old program wrote it, which dropped the key's leading zeros; written with OpenSSL alone.
std::string short_keystore(std::string_view plain, const std::string& password)
{
    std::string derived(32, '\0');
    const std::string salt(32, 's');
    const std::string iv(16, 'i');
    auto* out = reinterpret_cast<unsigned char*>(derived.data());
    PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                      reinterpret_cast<const unsigned char*>(salt.data()), 32, 1, EVP_sha256(), 32,
                      out);
    std::string ciphertext(plain.size(), '\0');
    auto* context = EVP_CIPHER_CTX_new();
    int size = 0;
    EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), nullptr, out,
                       reinterpret_cast<const unsigned char*>(iv.data()));
    EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(ciphertext.data()), &size,
                      reinterpret_cast<const unsigned char*>(plain.data()),
                      static_cast<int>(plain.size()));
    EVP_CIPHER_CTX_free(context);
    const auto mac = keccak256({std::string_view{derived}.substr(16), ciphertext});
    return R"({"version":3,"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":")" + to_hex(iv) +
           R"("},"ciphertext":")" + to_hex(ciphertext) +
           R"(","kdf":"pbkdf2","kdfparams":{"c":1,"dklen":32,"prf":"hmac-sha256","salt":")" +
           to_hex(salt) + R"("},"mac":")" + hex(mac) + R"("}})";
}
}  // namespace

TEST_CASE_METHOD(Fixture, "keystore: what was sealed is opened, at every cost")
{
    for (const auto& cost : {kCheap, kLightScrypt, ScryptCost{.n = 1024, .r = 4, .p = 2}}) {
        const auto json = sealed(cost);
        const auto keystore = parse_keystore(json);
        REQUIRE(keystore);
        CHECK(keystore->address == address(kKnownAddress));
        CHECK(std::get<ScryptCost>(keystore->cost) == cost);
        CHECK(same_secret(open_keystore(curve, *keystore, password).value(), key));
    }
    CHECK(sealed() != sealed());
}

TEST_CASE_METHOD(Fixture, "keystore: geth's standard cost")
{
    const auto json = sealed(kStandardScrypt);
    CHECK(json.find(R"("n":262144,"p":1,"r":8)") != std::string::npos);
    CHECK(same_secret(open(json, password).value(), key));
}

TEST_CASE_METHOD(Fixture, "keystore: the well-known file whose cost OpenSSL refuses")
{
    // The example of the format's definition.
    const auto opened = open(
        R"({"crypto":{"cipher":"aes-128-ctr",
        "cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},
        "ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
        "kdf":"scrypt","kdfparams":{"dklen":32,"n":262144,"r":1,"p":8,
        "salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
        "mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},
        "id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3})",
        SecretText{"testpassword"});
    REQUIRE(opened);
    CHECK(to_hex({reinterpret_cast<const char*>(opened->bytes().data()), 32}) ==
          "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d");
}

TEST_CASE_METHOD(Fixture, "keystore: a key that lost its leading zeros gets them back")
{
    for (const std::size_t zeros : {0U, 1U, 2U}) {
        const std::string plain(32 - zeros, 'k');
        const auto opened = open(short_keystore(plain, "correct horse"), password);
        REQUIRE(opened);
        const std::string_view bytes{reinterpret_cast<const char*>(opened->bytes().data()), 32};
        CHECK(bytes == std::string(zeros, '\0') + plain);
    }
    CHECK(fault(short_keystore(std::string(29, 'k'), "correct horse")) == Kind::malformed);
    CHECK(fault(short_keystore(std::string(33, 'k'), "correct horse")) == Kind::malformed);
    CHECK(fault(short_keystore(std::string(32, '\0'), "correct horse")) == Kind::wrong_key);
    CHECK(fault(short_keystore(std::string(32, '\xff'), "correct horse")) == Kind::wrong_key);
}

TEST_CASE_METHOD(Fixture, "keystore: any other password is wrong")
{
    const auto json = sealed();
    for (const auto* other :
         {"", "correct", "correct horse ", "Correct horse", "correct horse\n"}) {
        const auto opened = open(json, SecretText{std::string_view{other}});
        REQUIRE_FALSE(opened);
        CHECK(opened.error().kind == Kind::password);
    }
    const SecretText empty;
    const auto blank = seal_key(curve, key, empty, kCheap, entropy).value();
    CHECK(open(blank, SecretText{}).has_value());
    CHECK_FALSE(open(blank, password).has_value());
}

TEST_CASE_METHOD(Fixture, "keystore: one changed digit of any part does not open")
{
    const auto json = sealed();
    const std::map<std::string, Kind> parts{{"salt", Kind::password},
                                            {"ciphertext", Kind::password},
                                            {"mac", Kind::password},
                                            {"iv", Kind::wrong_key},
                                            {"address", Kind::wrong_key}};
    for (const auto& [part, kind] : parts) {
        const auto value = value_of(json, part);
        for (std::size_t i = 0; i < value.size(); ++i) {
            CAPTURE(part, i);
            auto other = value;
            other[i] = other[i] == '0' ? '1' : '0';
            CHECK(fault(replaced(json, value, other)) == kind);
        }
    }
    // Another cost derives another key.
    CHECK(fault(replaced(json, "\"n\":2", "\"n\":4")) == Kind::password);
    CHECK(fault(replaced(json, "\"r\":1", "\"r\":2")) == Kind::password);
    CHECK(fault(replaced(json, "\"p\":1", "\"p\":2")) == Kind::password);
}

TEST_CASE_METHOD(Fixture, "keystore: each member that is missing or wrong is named")
{
    const auto json = sealed();
    const auto named = [&](const std::string& from, const std::string& to, const char* name) {
        const auto keystore = parse_keystore(replaced(json, from, to));
        REQUIRE_FALSE(keystore);
        CAPTURE(keystore.error().what);
        CHECK(keystore.error().what.find(name) != std::string::npos);
        CHECK(keystore.error().kind == Kind::malformed);
    };
    for (const auto* part : {"address", "ciphertext", "iv", "salt", "mac"}) {
        const auto value = value_of(json, part);
        named("\"" + value + "\"", "\"" + value.substr(1) + "\"", part);
        named("\"" + value + "\"", "\"" + value + std::string(450, '0') + "\"", part);
        named("\"" + value + "\"", "\"g" + value.substr(1) + "\"", part);
        named("\"" + value + "\"", "7", part);
        named("\"" + value + "\"", "null", part);
    }
    for (const auto* part : {"ciphertext", "iv", "salt", "mac", "version", "crypto", "kdfparams",
                             "dklen", "n", "r", "p"})
        named("\"" + std::string{part} + "\":", "\"x\":", part);
    for (const auto* number : {"0", "-1", "3", "2.0", "\"2\"", "null"}) {
        named("\"n\":2", std::string{"\"n\":"} + number, "n: ");
        named("\"dklen\":32", std::string{"\"dklen\":"} + number, "dklen");
    }
    named("\"address\":", "\"Crypto\":{},\"address\":", "crypto is there twice");
    named("{", "", "JSON");
    named("\"version\":3", "\"version\":3,\"version\":3", "JSON");
}

TEST_CASE_METHOD(Fixture, "keystore: what would cost too much is refused before it is tried")
{
    const auto json = sealed();
    const auto refuses = [&](const std::string& from, const std::string& to) {
        const auto keystore = parse_keystore(replaced(json, from, to));
        REQUIRE_FALSE(keystore);
        CAPTURE(keystore.error().what);
        CHECK(keystore.error().kind == Kind::refused);
    };
    refuses("\"n\":2", "\"n\":2097152");
    refuses("\"n\":2", "\"n\":9223372036854775807");
    refuses("\"r\":1", "\"r\":33");
    refuses("\"p\":1", "\"p\":17");
    refuses("\"n\":2,\"p\":1,\"r\":1", "\"n\":1048576,\"p\":1,\"r\":9");
    refuses("\"version\":3", "\"version\":1");
    refuses("aes-128-ctr", "aes-128-cbc");
    refuses("\"scrypt\"", "\"argon2id\"");
    const auto old = short_keystore(std::string(32, 'k'), "correct horse");
    CHECK(fault(replaced(old, "\"c\":1", "\"c\":10000001")) == Kind::refused);
    CHECK(fault(replaced(old, "\"c\":1", "\"c\":0")) == Kind::malformed);
    CHECK(fault(replaced(old, "hmac-sha256", "hmac-sha512")) == Kind::refused);
    CHECK(parse_keystore(std::string(kKeystoreBytesMax + 1, ' ')).error().kind == Kind::malformed);
    // The greatest that is allowed is only read here.
    CHECK(
        parse_keystore(replaced(json, "\"n\":2,\"p\":1,\"r\":1", "\"n\":1048576,\"p\":1,\"r\":8")));
}

TEST_CASE_METHOD(Fixture, "keystore: a bare key is none, and is not repeated")
{
    CHECK(fault(std::string{kKnownKey}) == Kind::malformed);
    CHECK(fault("\"" + std::string{kKnownKey} + "\"") == Kind::malformed);
    CHECK(fault("{\"" + std::string{kKnownKey} + "\":1,\"" + std::string{kKnownKey} + "\":1}") ==
          Kind::malformed);
    CHECK(fault(replaced(sealed(), "\"scrypt\"", "\"" + std::string{kKnownKey} + "\"")) ==
          Kind::refused);
}

TEST_CASE_METHOD(Fixture, "keystore: what cannot be opened again is not sealed")
{
    for (const auto& cost :
         {ScryptCost{.n = 3}, ScryptCost{.n = 1}, ScryptCost{.n = 0}, ScryptCost{.n = 2097152},
          ScryptCost{.n = 2, .r = 0}, ScryptCost{.n = 2, .r = 33}, ScryptCost{.n = 2, .p = 0},
          ScryptCost{.n = 2, .p = 17}, ScryptCost{.n = 1048576, .r = 9},
          ScryptCost{.n = 65536, .r = 1}})
        CHECK(seal_key(curve, key, password, cost, entropy).error().kind == Kind::refused);
    CHECK(seal_key(curve, SecretKey{}, password, kCheap, entropy).error().kind == Kind::wrong_key);
}

TEST_CASE_METHOD(Fixture, "keystore: other spellings and members do not matter")
{
    const auto json = sealed();
    const auto opens = [&](const std::string& text) { return open(text, password).has_value(); };
    CHECK(opens(replaced(json, "\"crypto\"", "\"Crypto\"")));
    CHECK(opens(replaced(json, "\"address\":\"", "\"address\":\"0x")));
    CHECK(
        opens(replaced(json, "\"address\":", "\"name\":\"x\",\"x-ethers\":{\"a\":[1]},\"was\":")));
    const auto mac = value_of(json, "mac");
    auto upper = mac;
    for (auto& c : upper)
        if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
    CHECK(opens(replaced(json, mac, upper)));
}

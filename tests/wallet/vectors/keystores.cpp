// SPDX-License-Identifier: Apache-2.0
// Keystores of several programs. The other kinds of wallet in the same file are not Purse's.
#include "wallet/keystore.hpp"

#include "tests/wallet/vectors/set.hpp"

namespace purse::test {

namespace {
bool agrees(const json::Value& vector, const Curve& curve)
{
    const auto keystore = parse_keystore(text_of(vector, "json"));
    if (!keystore) {
        std::printf("keystores: %s\n", keystore.error().what.c_str());
        return false;
    }
    const auto key = open_keystore(curve, *keystore, SecretText{text_of(vector, "password")});
    const auto expected = parse_key(text_of(vector, "privateKey"));
    const SecretText wrong{"not the password"};
    return key && expected && same_secret(*key, *expected) &&
           curve.address_of(*key) == parse_address(text_of(vector, "address")) &&
           open_keystore(curve, *keystore, wrong).error().kind == KeystoreError::Kind::password;
}
}  // namespace

bool check_keystores(const std::string& folder, const Curve& curve)
{
    Set set{"keystores", 7};
    const auto document = read_vectors(folder, "wallets");
    for (const auto& vector : document.root().items())
        if (text_of(vector, "type") == "secret-storage") set.count(vector, agrees(vector, curve));
    return set.report("secret storage: opened, and not with another password");
}

}  // namespace purse::test

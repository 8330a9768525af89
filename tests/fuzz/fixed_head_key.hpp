// SPDX-License-Identifier: Apache-2.0
// A key for journal heads that is always the same, in memory.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string>

#include "ledger/journal.hpp"
#include "tests/fuzz/check.hpp"

namespace purse::fuzz {

class FixedHeadKey final : public HeadSigner {
public:
    FixedHeadKey()
    {
        std::array<unsigned char, 32> secret{};
        secret.fill(7);
        key_.reset(
            EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, secret.data(), secret.size()));
        check(key_ != nullptr, "a key");
    }
    std::string public_key() const override
    {
        std::string bytes(32, '\0');
        auto size = bytes.size();
        check(EVP_PKEY_get_raw_public_key(key_.get(), as_bytes(bytes), &size) == 1, "its public");
        return bytes;
    }
    std::string sign(std::string_view text) const override
    {
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                              &EVP_MD_CTX_free};
        std::string signature(64, '\0');
        auto size = signature.size();
        check(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
                  EVP_DigestSign(context.get(), as_bytes(signature), &size,
                                 reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size()) == 1,
              "a signature");
        return signature;
    }

private:
    static unsigned char* as_bytes(std::string& text)
    {
        return reinterpret_cast<unsigned char*>(text.data());
    }

    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_{nullptr, &EVP_PKEY_free};
};

}  // namespace purse::fuzz

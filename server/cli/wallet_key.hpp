// SPDX-License-Identifier: Apache-2.0
// Keys on their way into keystores.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "wallet/curve.hpp"
#include "wallet/keystore.hpp"

namespace purse::server::cli {

/// Names of keystores in the wallet's folder.
inline constexpr const char* kTreasuryFile = "treasury.json";
inline std::string relayer_file(std::int64_t number)
{
    return "relayer-" + std::to_string(number) + ".json";
}

/// Makes keys and keeps them under one password.
class KeyMaker {
public:
    /// All must outlive it.
    KeyMaker(const Curve& curve, const SecretText& password, const ScryptCost& cost,
             Entropy& entropy) noexcept
        : curve_{curve},
          password_{password},
          cost_{cost},
          entropy_{entropy}
    {
    }

    SecretKey fresh() const;
    /// A new keystore of this key; its account. On an error there is no such file.
    std::expected<Address, std::string> save(const std::string& file, const SecretKey& key) const;
    /// The account of a keystore that this password opens.
    std::expected<Address, std::string> open(const std::string& file) const;

private:
    const Curve& curve_;
    const SecretText& password_;
    const ScryptCost cost_;
    Entropy& entropy_;
};

/// A key of 64 hexadecimal digits in a file that is our own and closed to others.
std::expected<SecretKey, std::string> read_raw_key(const std::string& file);

}  // namespace purse::server::cli

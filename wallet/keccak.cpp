// SPDX-License-Identifier: Apache-2.0
#include "wallet/keccak.hpp"

#include <cryptopp/keccak.h>

namespace purse {

Digest keccak256(std::initializer_list<std::string_view> parts)
{
    CryptoPP::Keccak_256 hash;
    for (const auto part : parts)
        hash.Update(reinterpret_cast<const CryptoPP::byte*>(part.data()), part.size());
    Digest digest{};
    hash.Final(digest.data());
    return digest;
}

Digest keccak256(std::string_view bytes)
{
    return keccak256({bytes});
}

}  // namespace purse

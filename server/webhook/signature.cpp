// SPDX-License-Identifier: Apache-2.0
#include "server/webhook/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "ledger/require.hpp"

namespace purse::server {

namespace {
const unsigned char* bytes_of(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}
}  // namespace

std::string to_base64(std::string_view bytes)
{
    // OpenSSL writes a zero behind it.
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                        bytes_of(bytes), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

std::string webhook_secret_text(std::string_view key)
{
    return "whsec_" + to_base64(key);
}

std::string webhook_signature(std::string_view key, std::string_view id, std::string_view timestamp,
                              std::string_view body)
{
    const auto content = std::string{id}.append(".").append(timestamp).append(".").append(body);
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned int size = 0;
    const auto* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                            bytes_of(content), content.size(), mac.data(), &size);
    require(made != nullptr && size == 32, "OpenSSL computes HMAC-SHA256");
    return "v1," + to_base64({reinterpret_cast<const char*>(mac.data()), size});
}

}  // namespace purse::server

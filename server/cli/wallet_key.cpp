// SPDX-License-Identifier: Apache-2.0
#include "server/cli/wallet_key.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "server/wallet/private_file.hpp"
#include "wallet/keystore_file.hpp"

namespace purse::server::cli {

namespace {
constexpr std::size_t kKeyFileBytesMax = 128;
}  // namespace

SecretKey KeyMaker::fresh() const
{
    SecretKey key;
    // All but one number in 2^128 are keys.
    do entropy_.fill(key.writable());
    while (!curve_.is_key(key));
    return key;
}

std::expected<Address, std::string> KeyMaker::save(const std::string& file,
                                                   const SecretKey& key) const
{
    const auto address = curve_.address_of(key);
    if (!address) return std::unexpected{std::string{"the number is no key of secp256k1"}};
    struct stat status{};
    const bool was_there = ::lstat(file.c_str(), &status) == 0;
    const auto saved = save_keystore(file, curve_, key, password_, cost_, entropy_);
    if (saved) return *address;
    // One error leaves the file behind: its folder could not be made durable.
    if (const auto left = load_keystore(file); !was_there && left && left->address == address)
        ::unlink(file.c_str());
    return std::unexpected{saved.error().what};
}

std::expected<Address, std::string> KeyMaker::open(const std::string& file) const
{
    const auto keystore = load_keystore(file);
    if (!keystore) return std::unexpected{keystore.error().what};
    if (!keystore->address)
        return std::unexpected{file +
                               " does not name its address; bring it in with `purse wallet "
                               "import`"};
    const auto key = open_keystore(curve_, *keystore, password_);
    if (!key) return std::unexpected{file + ": " + key.error().what};
    return *curve_.address_of(*key);
}

std::expected<SecretKey, std::string> read_raw_key(const std::string& file)
{
    const auto text = read_secret(file, "the key file", kKeyFileBytesMax);
    if (!text) return std::unexpected{text.error()};
    auto key = parse_key(text->view());
    if (!key)
        return std::unexpected{"the key file " + file + " does not hold 64 hexadecimal digits"};
    return std::move(*key);
}

}  // namespace purse::server::cli

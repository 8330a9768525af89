// SPDX-License-Identifier: Apache-2.0
#include "ledger/system/head_key.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "ledger/store.hpp"
#include "ledger/system/durable_name.hpp"

namespace purse::system {

namespace {
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kPublicKeyBytes = 32;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
using PKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

[[noreturn]] void fail(const std::string& what)
{
    throw StoreError{StoreError::Kind::failed, "the journal key " + what};
}

PKey read_key(const std::string& path)
{
    const File file{std::fopen(path.c_str(), "re"), &std::fclose};
    if (!file) {
        if (errno != ENOENT) fail(path + " cannot be read: " + std::strerror(errno));
        return {nullptr, &EVP_PKEY_free};
    }
    PKey key{PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
    if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519)
        fail(path + " is not an Ed25519 key in PEM form");
    return key;
}

// Written beside and linked into place: two processes that start at once agree on one key.
void write_key(const std::string& path, EVP_PKEY* key)
{
    auto draft = path + ".XXXXXX";
    const int fd = ::mkostemp(draft.data(), O_CLOEXEC);  // mode 0600
    if (fd < 0) fail(path + " cannot be written: " + std::strerror(errno));
    bool good = false;
    {
        const File file{::fdopen(fd, "w"), &std::fclose};
        good = PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
               std::fflush(file.get()) == 0 && ::fsync(fd) == 0;
    }
    const bool placed = good && (::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
    ::unlink(draft.c_str());
    if (!placed) fail(path + " cannot be written: " + std::strerror(errno));
    // A power cut that took the key away would leave heads that nobody can go on from.
    if (const auto error = make_name_durable(path))
        fail(path + " cannot be made durable: " + error.message());
}
}  // namespace

struct FileHeadKey::Key {
    PKey handle;
};

FileHeadKey::FileHeadKey(std::string path) : path_{std::move(path)} {}
FileHeadKey::~FileHeadKey() = default;

const FileHeadKey::Key& FileHeadKey::key() const
{
    if (key_) return *key_;
    auto key = read_key(path_);
    if (!key) {
        const PKey made{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free};
        if (!made) fail("cannot be made");
        write_key(path_, made.get());
        key = read_key(path_);
        if (!key) fail(path_ + " vanished");
    }
    key_ = std::make_unique<Key>(std::move(key));
    return *key_;
}

std::string FileHeadKey::public_key() const
{
    std::string raw(kPublicKeyBytes, '\0');
    auto size = raw.size();
    if (EVP_PKEY_get_raw_public_key(key().handle.get(),
                                    reinterpret_cast<unsigned char*>(raw.data()), &size) != 1)
        fail("has no public part");
    return raw;
}

std::string FileHeadKey::sign(std::string_view text) const
{
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free};
    std::string signature(kSignatureBytes, '\0');
    auto size = signature.size();
    const bool good =
        context &&
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key().handle.get()) == 1 &&
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
    if (!good) fail("could not sign");
    return signature;
}

}  // namespace purse::system

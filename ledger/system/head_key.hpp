// SPDX-License-Identifier: Apache-2.0
// The Ed25519 key that signs journal heads, kept as PEM (PKCS #8) in the state folder.
#pragma once

#include <memory>
#include <string>

#include "ledger/journal.hpp"

namespace purse::system {

/// Opens the key on first use, making it (mode 0600) when the file is not there.
class FileHeadKey final : public HeadSigner {
public:
    explicit FileHeadKey(std::string path);
    ~FileHeadKey() override;

    std::string public_key() const override;
    std::string sign(std::string_view text) const override;

private:
    struct Key;
    const Key& key() const;

    std::string path_;
    mutable std::unique_ptr<Key> key_;
};

}  // namespace purse::system

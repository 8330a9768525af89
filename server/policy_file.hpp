// SPDX-License-Identifier: Apache-2.0
// The operator's policy file as a source of changes: a look at its status is enough to
// know that nothing has changed.
#pragma once

#include <sys/stat.h>

#include <string>

#include "tools/till.hpp"

namespace purse::server {

class PolicyFile final : public tools::PolicySource {
public:
    /// `path` may be empty: then nothing ever changes.
    explicit PolicyFile(std::string path) : path_{std::move(path)} {}

    std::optional<std::expected<tools::PolicyText, std::string>> changed() override;

    /// The whole file, at most limits::kDocumentBytesMax and one byte; an error's text otherwise.
    static std::expected<tools::PolicyText, std::string> read(const std::string& path);

private:
    /// What tells one state of a file from another.
    struct Signature {
        ino_t inode = 0;
        off_t size = -1;
        std::int64_t modified_ns = 0;
        auto operator<=>(const Signature&) const = default;
    };

    std::string path_;
    Signature seen_;
    bool was_missing_ = false;
};

}  // namespace purse::server

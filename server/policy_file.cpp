// SPDX-License-Identifier: Apache-2.0
#include "server/policy_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "policy/limits.hpp"

namespace purse::server {

std::optional<std::expected<tools::PolicyText, std::string>> PolicyFile::changed()
{
    if (path_.empty()) return std::nullopt;
    struct stat status{};
    if (::stat(path_.c_str(), &status) != 0) {
        // A missing file is told once; an editor may be replacing it this moment.
        if (was_missing_) return std::nullopt;
        was_missing_ = true;
        seen_ = {};
        return std::unexpected{"the policy file " + path_ +
                               " cannot be read: " + std::strerror(errno)};
    }
    const Signature now{
        .inode = status.st_ino,
        .size = status.st_size,
        .modified_ns = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
    if (now == seen_ && !was_missing_) return std::nullopt;
    was_missing_ = false;
    seen_ = now;
    return read(path_);
}

std::expected<tools::PolicyText, std::string> PolicyFile::read(const std::string& path)
{
    std::ifstream in{path, std::ios::binary};
    if (!in)
        return std::unexpected{"the policy file " + path +
                               " cannot be read: " + std::strerror(errno)};
    // One byte more than allowed is enough to be refused for its size.
    std::string text(policy::limits::kDocumentBytesMax + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) return std::unexpected{"the policy file " + path + " cannot be read"};
    text.resize(static_cast<std::size_t>(in.gcount()));
    return tools::PolicyText{std::move(text), path};
}

}  // namespace purse::server

// SPDX-License-Identifier: Apache-2.0
#include "ledger/system/durable_name.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace purse::system {

std::error_code make_name_durable(const std::string& path)
{
    const auto folder = std::filesystem::path{path}.parent_path();
    const int fd =
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return {};
    const int trouble = ::fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
    ::close(fd);
    return {trouble, std::generic_category()};
}

}  // namespace purse::system

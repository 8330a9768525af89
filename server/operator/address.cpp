// SPDX-License-Identifier: Apache-2.0
#include "server/operator/address.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "server/door/origin.hpp"

namespace purse::server {

namespace {
std::string path_in(const Settings& settings)
{
    return settings.state_folder + "/" + kOperatorUrlFile;
}

std::optional<std::string> read_line(const std::string& path)
{
    std::ifstream in{path};
    std::string line;
    if (!in || !std::getline(in, line)) return std::nullopt;
    return origin_of_url(line);
}
/// Whether the server that left it still runs: it holds a lock on the file, which the kernel frees
/// when it dies, however it dies.
bool is_kept(const std::string& path)
{
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    return file.is_open() && ::flock(file.get(), LOCK_SH | LOCK_NB) != 0;
}
}  // namespace

std::optional<std::string> operator_url(const Settings& settings)
{
    if (!settings.operator_url.empty()) return origin_of_url(settings.operator_url);
    const auto path = path_in(settings);
    return is_kept(path) ? read_line(path) : std::nullopt;
}

std::string operator_page_url(const std::string& base)
{
    return base + "/operator/";
}

OperatorUrlFile::OperatorUrlFile(const Settings& settings, std::string base)
    : path_{path_in(settings)},
      base_{std::move(base)}
{
    std::error_code error;
    std::filesystem::create_directories(settings.state_folder, error);
    // Whole or not at all: others read it while it is written.
    const auto next = path_ + ".next";
    std::filesystem::remove(next, error);
    file_.emplace(::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file_->is_open() || ::flock(file_->get(), LOCK_EX | LOCK_NB) != 0) return;
    const auto line = base_ + "\n";
    if (::write(file_->get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()))
        std::filesystem::rename(next, path_, error);
}

OperatorUrlFile::~OperatorUrlFile()
{
    // Another server may have come since.
    if (read_line(path_) == base_) ::unlink(path_.c_str());
}

}  // namespace purse::server

// SPDX-License-Identifier: Apache-2.0
#include "server/wallet/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "wallet/descriptor.hpp"

namespace purse::server {

namespace {
using Done = std::expected<void, std::string>;

std::unexpected<std::string> wrong(std::string what)
{
    return std::unexpected{std::move(what)};
}

std::unexpected<std::string> failed(const std::string& what)
{
    return wrong(what + ": " + std::strerror(errno));
}

bool write_all(int fd, std::string_view text)
{
    while (!text.empty()) {
        const auto put = ::write(fd, text.data(), text.size());
        if (put < 0 && errno != EINTR) return false;
        if (put > 0) text.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

/// The text under a name of its own beside `file`; it goes again with this object.
class Draft {
public:
    explicit Draft(const std::string& file) : path_{file + ".new-XXXXXX"} {}
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft()
    {
        if (made_) ::unlink(path_.c_str());
    }
    const std::string& path() const noexcept { return path_; }

    Done write(std::string_view text)
    {
        const Descriptor out{::mkostemp(path_.data(), O_CLOEXEC)};
        if (!out.is_open()) return failed(path_ + " cannot be made");
        made_ = true;
        if (::fchmod(out.get(), 0600) != 0 || !write_all(out.get(), text) ||
            ::fsync(out.get()) != 0)
            return failed(path_ + " cannot be written");
        return {};
    }

private:
    std::string path_;
    bool made_ = false;
};

Done sync_folder_of(const std::string& file)
{
    auto folder = std::filesystem::path{file}.parent_path().string();
    if (folder.empty()) folder = ".";
    const Descriptor in{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!in.is_open() || ::fsync(in.get()) != 0) return failed(folder + " cannot be made durable");
    return {};
}
}  // namespace

std::expected<SecretText, std::string> read_secret(const std::string& file, std::string_view what,
                                                   std::size_t bytes_max)
{
    const auto name = std::string{what} + " " + file;
    // O_NONBLOCK: a pipe in its place must not hold us up.
    const Descriptor in{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (!in.is_open()) {
        if (errno == ELOOP) return wrong(name + " is no regular file: it is a symbolic link");
        return failed(name + " cannot be read");
    }
    // Of what was opened, not of the name: nothing can be put in its place meanwhile.
    struct stat facts{};
    if (::fstat(in.get(), &facts) != 0 || !S_ISREG(facts.st_mode))
        return wrong(name + " is no regular file");
    if (facts.st_uid != ::geteuid()) return wrong(name + " belongs to another user");
    if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return wrong(name + " is open to others; run: chmod 600 " + file);
    // One byte more than is allowed shows that there is more.
    SecretText text{bytes_max + 1};
    std::size_t size = 0;
    while (size < text.view().size()) {
        const auto got = ::read(in.get(), text.writable().data() + size, text.view().size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(name + " cannot be read");
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size > bytes_max)
        return wrong(name + " is longer than " + std::to_string(bytes_max) + " bytes");
    while (size > 0 && (text.view()[size - 1] == '\n' || text.view()[size - 1] == '\r')) --size;
    if (size == 0) return wrong(name + " is empty");
    text.shorten(size);
    return text;
}

Done create_private(const std::string& file, std::string_view text)
{
    Draft draft{file};
    if (auto written = draft.write(text); !written) return written;
    // Fails when the name is taken, where a rename would overwrite.
    if (::link(draft.path().c_str(), file.c_str()) != 0) return failed(file + " cannot be made");
    auto durable = sync_folder_of(file);
    if (!durable) ::unlink(file.c_str());
    return durable;
}

Done replace_private(const std::string& file, std::string_view text)
{
    Draft draft{file};
    if (auto written = draft.write(text); !written) return written;
    if (::rename(draft.path().c_str(), file.c_str()) != 0)
        return failed(file + " cannot be replaced");
    return sync_folder_of(file);
}

}  // namespace purse::server

// SPDX-License-Identifier: Apache-2.0
#include "wallet/keystore_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "wallet/descriptor.hpp"

namespace purse {

namespace {
template <typename T>
using Result = std::expected<T, KeystoreError>;

std::unexpected<KeystoreError> wrong(const std::string& what)
{
    return std::unexpected{KeystoreError{KeystoreError::Kind::file, what}};
}

std::unexpected<KeystoreError> failed(const std::string& what)
{
    return wrong(what + ": " + std::strerror(errno));
}

/// Looks at what was opened, not at the name: nothing can be put in its place meanwhile.
Result<void> check_owner_and_mode(int fd, const std::string& path)
{
    struct stat status{};
    if (::fstat(fd, &status) != 0) return failed(path + " cannot be looked at");
    if (!S_ISREG(status.st_mode)) return wrong(path + " is not a regular file");
    if (status.st_uid != ::geteuid())
        return wrong(path + " belongs to another user: a key's file must be its user's own");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return wrong("others may use " + path + ", which holds a key: chmod 600 " + path);
    return {};
}

Result<std::string> read_all(int fd, const std::string& path)
{
    // One byte more than is allowed shows that there is more.
    std::string text(kKeystoreBytesMax + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const auto got = ::read(fd, text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(path + " cannot be read");
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    return text;
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

/// A file that goes again, unless its name was free no longer: then it is not ours.
class Draft {
public:
    explicit Draft(std::string path) : path_{std::move(path)} {}
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft() { remove(); }

    const std::string& path() const noexcept { return path_; }

    Result<void> write(std::string_view text)
    {
        const Descriptor file{
            ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
        if (!file.is_open()) return failed(path_ + " cannot be made");
        made_ = true;
        // A umask can take rights from us, too.
        if (::fchmod(file.get(), 0600) != 0 || !write_all(file.get(), text) ||
            ::fsync(file.get()) != 0)
            return failed(path_ + " cannot be written");
        return {};
    }

    void remove() noexcept
    {
        if (std::exchange(made_, false)) ::unlink(path_.c_str());
    }

private:
    std::string path_;
    bool made_ = false;
};

Result<void> sync_folder(const std::string& path)
{
    const Descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder.is_open() || ::fsync(folder.get()) != 0)
        return failed("the keystore is written, but its folder " + path +
                      " cannot be made durable");
    return {};
}

std::string folder_of(const std::string& path)
{
    auto folder = std::filesystem::path{path}.parent_path().string();
    return folder.empty() ? "." : folder;
}

std::string draft_name(const std::string& path, Entropy& entropy)
{
    std::uint8_t tail[8]{};
    entropy.fill(tail);
    return path + ".new-" + to_hex({reinterpret_cast<const char*>(tail), sizeof tail});
}
}  // namespace

Result<Keystore> load_keystore(const std::string& path)
{
    // O_NONBLOCK: a pipe in its place must not hold us up.
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!file.is_open()) {
        if (errno == ELOOP) return wrong(path + " is not a regular file: it is a symbolic link");
        return failed(path + " cannot be opened");
    }
    if (const auto checked = check_owner_and_mode(file.get(), path); !checked)
        return std::unexpected{checked.error()};
    const auto text = read_all(file.get(), path);
    if (!text) return std::unexpected{text.error()};
    auto keystore = parse_keystore(*text);
    if (!keystore) keystore.error().what = path + ": " + keystore.error().what;
    return keystore;
}

Result<void> save_keystore(const std::string& path, const Curve& curve, const SecretKey& key,
                           const SecretText& password, const ScryptCost& cost, Entropy& entropy)
{
    const auto exists = [&] {
        return wrong(path + " is there already; a keystore is never overwritten");
    };
    struct stat status{};
    // Only to say so before a second of work: the link below is what keeps the other file.
    if (::lstat(path.c_str(), &status) == 0) return exists();
    const auto text = seal_key(curve, key, password, cost, entropy);
    if (!text) return std::unexpected{text.error()};

    Draft draft{draft_name(path, entropy)};
    if (const auto written = draft.write(*text); !written) return written;
    const auto back = load_keystore(draft.path());
    if (!back) return std::unexpected{back.error()};
    const auto opened = open_keystore(curve, *back, password);
    if (!opened) return std::unexpected{opened.error()};
    if (!same_secret(*opened, key)) return wrong(path + " was read back with another key in it");

    // Fails when the name is taken, where a rename would overwrite.
    if (::link(draft.path().c_str(), path.c_str()) != 0)
        return errno == EEXIST ? exists() : failed(path + " cannot be made");
    draft.remove();
    return sync_folder(folder_of(path));
}

}  // namespace purse

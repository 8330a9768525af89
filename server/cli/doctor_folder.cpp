// SPDX-License-Identifier: Apache-2.0
// The doctor on the state folder: is it there, ours, private, on a file system that keeps promises?
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "server/cli/doctor.hpp"

namespace purse::server::cli {

namespace {
constexpr const char* kCheck = "state folder";
// Others may not even look: what is spent, and the key that signs the journal, are in here.
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
// Below the first the next busy hour may end in "disk full"; below the second any minute.
constexpr std::uint64_t kRoomEnough = 256ULL << 20U;
constexpr std::uint64_t kRoomLeast = 16ULL << 20U;
constexpr std::uint64_t kRoomPlenty = 10ULL << 30U;  // from here on told in GiB

enum class Kind { local, volatile_, layered, unsure, network };
struct FileSystem {
    long type;
    const char* name;
    Kind kind;
};
// Types that linux/magic.h does not name.
constexpr long kXfs = 0x58465342;
constexpr long kZfs = 0x2fc12fc1;
constexpr long kBcachefs = static_cast<long>(0xca451a4e);
constexpr long kCifs = static_cast<long>(0xff534d42);
constexpr long kNtfs3 = 0x7366746e;
constexpr long kLustre = 0x0bd00bd0;
constexpr long kGpfs = 0x47504653;

constexpr std::array kFileSystems{
    FileSystem{EXT4_SUPER_MAGIC, "ext4", Kind::local},
    FileSystem{BTRFS_SUPER_MAGIC, "btrfs", Kind::local},
    FileSystem{kXfs, "xfs", Kind::local},
    FileSystem{F2FS_SUPER_MAGIC, "f2fs", Kind::local},
    FileSystem{kZfs, "zfs", Kind::local},
    FileSystem{kBcachefs, "bcachefs", Kind::local},
    FileSystem{OVERLAYFS_SUPER_MAGIC, "overlayfs", Kind::layered},
    FileSystem{TMPFS_MAGIC, "tmpfs", Kind::volatile_},
    FileSystem{RAMFS_MAGIC, "ramfs", Kind::volatile_},
    FileSystem{FUSE_SUPER_MAGIC, "fuse", Kind::unsure},
    FileSystem{MSDOS_SUPER_MAGIC, "vfat", Kind::unsure},
    FileSystem{EXFAT_SUPER_MAGIC, "exfat", Kind::unsure},
    FileSystem{kNtfs3, "ntfs", Kind::unsure},
    FileSystem{NFS_SUPER_MAGIC, "nfs", Kind::network},
    FileSystem{SMB_SUPER_MAGIC, "smb", Kind::network},
    FileSystem{SMB2_SUPER_MAGIC, "smb2", Kind::network},
    FileSystem{kCifs, "cifs", Kind::network},
    FileSystem{V9FS_MAGIC, "9p", Kind::network},
    FileSystem{CEPH_SUPER_MAGIC, "ceph", Kind::network},
    FileSystem{AFS_SUPER_MAGIC, "afs", Kind::network},
    FileSystem{AFS_FS_MAGIC, "afs", Kind::network},
    FileSystem{CODA_SUPER_MAGIC, "coda", Kind::network},
    FileSystem{OCFS2_SUPER_MAGIC, "ocfs2", Kind::network},
    FileSystem{kLustre, "lustre", Kind::network},
    FileSystem{kGpfs, "gpfs", Kind::network},
};

std::string octal(mode_t mode)
{
    std::string text;
    for (const int shift : {6, 3, 0}) text += static_cast<char>('0' + ((mode >> shift) & 7U));
    return text;
}

/// A folder that is not there yet is made at the first call, if its nearest parent lets us.
Finding judge_missing(const std::string& folder)
{
    namespace fs = std::filesystem;
    std::error_code error;
    auto parent = fs::absolute(folder, error).parent_path();
    while (!fs::exists(parent, error) && parent != parent.parent_path())
        parent = parent.parent_path();
    if (!fs::is_directory(parent, error))
        return {Health::fail, kCheck,
                folder + " cannot be made: " + parent.string() + " is no folder",
                "give another folder with --state DIR or PURSE_STATE"};
    if (::access(parent.c_str(), W_OK | X_OK) != 0)
        return {Health::fail, kCheck,
                folder + " cannot be made: " + parent.string() + " is not writable",
                "make " + folder + " yourself, or give another with --state DIR or PURSE_STATE"};
    return {Health::ok, kCheck, folder + " is not there yet; the first call makes it", {}};
}

Finding judge_present(const std::string& folder, const struct stat& status)
{
    if (!S_ISDIR(status.st_mode))
        return {Health::fail, kCheck, folder + " is not a folder",
                "move it away, or give another with --state DIR or PURSE_STATE"};
    if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0)
        return {Health::fail, kCheck, folder + " cannot be written: " + std::strerror(errno),
                "run purse as the folder's owner (user " + std::to_string(status.st_uid) +
                    "), or: chmod 700 " + folder};
    if (status.st_uid != ::geteuid())
        return {Health::warn, kCheck,
                folder + " belongs to user " + std::to_string(status.st_uid) +
                    ", not to us (user " + std::to_string(::geteuid()) + ")",
                "run every purse of this ledger as one user, or: chown -R " +
                    std::to_string(::geteuid()) + " " + folder};
    if ((status.st_mode & kOthers) != 0)
        return {Health::warn, kCheck,
                folder + " is open to others (mode " + octal(status.st_mode) + ")",
                "chmod 700 " + folder};
    return {Health::ok, kCheck, folder + " is ours and private", {}};
}

Finding judge_room(const struct statfs& system)
{
    const auto free =
        static_cast<std::uint64_t>(system.f_bavail) * static_cast<std::uint64_t>(system.f_bsize);
    const auto words = free >= kRoomPlenty ? std::to_string(free >> 30U) + " GiB free"
                                           : std::to_string(free >> 20U) + " MiB free";
    if (free < kRoomLeast)
        return {Health::fail, "free space", words + ": soon nothing can be approved any more",
                "make room on this file system"};
    if (free < kRoomEnough)
        return {Health::warn, "free space", words, "make room on this file system"};
    return {Health::ok, "free space", words, {}};
}
}  // namespace

Finding judge_file_system(long type)
{
    static constexpr const char* kName = "file system";
    // Some types have the top bit set, and widths differ between machines.
    const auto same = [&](long known) {
        return static_cast<std::uint32_t>(known) == static_cast<std::uint32_t>(type);
    };
    for (const auto& known : kFileSystems) {
        if (!same(known.type)) continue;
        const std::string name = known.name;
        switch (known.kind) {
            case Kind::local: return {Health::ok, kName, name + ", local", {}};
            case Kind::layered:
                return {Health::ok,
                        kName,
                        name + ", local; what is written lasts as long as the container",
                        {}};
            case Kind::volatile_:
                return {Health::warn, kName,
                        name + " lives in memory: the ledger is lost with the machine's power",
                        "put the state folder on a disk with --state DIR or PURSE_STATE"};
            case Kind::unsure:
                return {Health::warn, kName,
                        name + " may not keep locks and flushed data as a ledger needs",
                        "put the state folder on a local file system such as ext4 or xfs"};
            case Kind::network:
                return {Health::fail, kName,
                        name + " is a shared file system: its locks do not keep two writers apart",
                        "put the state folder on a local disk with --state DIR or PURSE_STATE"};
        }
    }
    return {Health::warn, kName, "of a type this program does not know",
            "make sure that it is local and keeps flushed data"};
}

void examine_folder(const Settings& settings, Findings& findings)
{
    const auto& folder = settings.state_folder;
    struct stat status{};
    if (::stat(folder.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            findings.push_back(judge_missing(folder));
        else
            findings.push_back({Health::fail, kCheck,
                                folder + " cannot be looked at: " + std::strerror(errno),
                                "run purse as its owner, or give another with --state DIR"});
        return;
    }
    findings.push_back(judge_present(folder, status));
    if (findings.back().health == Health::fail) return;
    struct statfs system{};
    if (::statfs(folder.c_str(), &system) != 0) return;
    findings.push_back(judge_file_system(static_cast<long>(system.f_type)));
    findings.push_back(judge_room(system));
}

}  // namespace purse::server::cli

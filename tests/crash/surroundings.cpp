// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/surroundings.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <stdexcept>

namespace purse::test {

namespace {
template <std::size_t Size>
void put(std::array<char, Size>& to, const std::string& text)
{
    if (text.size() >= Size) throw std::runtime_error{"too long for the block: " + text};
    to.fill('\0');
    text.copy(to.data(), text.size());
}
}  // namespace

Surroundings::Surroundings(const std::string& library, const std::string& desk,
                           const std::string& folder)
{
    const auto path = desk + "/surroundings";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void* memory = MAP_FAILED;
    if (fd >= 0 && ::ftruncate(fd, sizeof(SurroundingsBlock)) == 0)
        memory =
            ::mmap(nullptr, sizeof(SurroundingsBlock), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0) ::close(fd);
    if (memory == MAP_FAILED) throw std::runtime_error{"no block for the surroundings"};
    block_ = new (memory) SurroundingsBlock{};
    watch(folder);
    ::setenv(kSurroundingsVariable, path.c_str(), 1);
    ::setenv("LD_PRELOAD", library.c_str(), 1);
}

Surroundings::~Surroundings()
{
    ::unsetenv("LD_PRELOAD");
    ::unsetenv(kSurroundingsVariable);
    ::munmap(block_, sizeof *block_);
}

void Surroundings::watch(const std::string& folder)
{
    put(block_->folder, folder);
}

void Surroundings::arm(const Blow& blow)
{
    disarm();
    count(blow.file);
    block_->call = static_cast<int>(blow.call);
    block_->left = blow.nth;
    block_->error = blow.error;
    block_->then = static_cast<int>(blow.then);  // last: now it counts
}

void Surroundings::disarm()
{
    block_->then = static_cast<int>(Then::nothing);
}

void Surroundings::count(const std::string& file)
{
    put(block_->file, file);
    for (auto& seen : block_->seen) seen = 0;
    block_->struck = 0;
}

int Surroundings::seen(Call call) const
{
    return block_->seen.at(static_cast<std::size_t>(call));
}

bool Surroundings::struck() const
{
    return block_->struck != 0;
}

void Surroundings::jump(std::int64_t us)
{
    block_->clock_ahead_us += us;
}

}  // namespace purse::test

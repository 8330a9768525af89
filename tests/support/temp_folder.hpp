// SPDX-License-Identifier: Apache-2.0
// A folder of a test's own, gone at its end.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace purse::test {

class TempFolder {
public:
    enum class On {
        disk,    ///< where the system puts temporary files
        memory,  ///< where there is such a place: for tests of many commits that no power cut
                 ///< follows
    };

    explicit TempFolder(On on = On::disk)
    {
        const std::filesystem::path memory = "/dev/shm";
        const bool use_memory = on == On::memory && ::access(memory.c_str(), W_OK) == 0;
        const auto place = use_memory ? memory : std::filesystem::temp_directory_path();
        auto pattern = (place / "purse-test-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
        path_ = pattern;
    }
    ~TempFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    const std::string& path() const noexcept { return path_; }
    std::string operator/(std::string_view name) const { return path_ + '/' + std::string{name}; }

private:
    std::string path_;
};

}  // namespace purse::test

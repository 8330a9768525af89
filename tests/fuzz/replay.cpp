// SPDX-License-Identifier: Apache-2.0
// replay FILE-OR-FOLDER...: one fuzz target over a corpus, without a fuzzer. Fails when there is
// nothing to replay.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {
int replayed = 0;

void replay(const std::filesystem::path& path)
{
    std::ifstream file{path, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    std::printf("%s\n", path.c_str());
    std::fflush(stdout);  // the last line names the culprit
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    ++replayed;
}
}  // namespace

int main(int argc, char** argv)
{
    for (int i = 1; i < argc; ++i) {
        if (!std::filesystem::is_directory(argv[i])) {
            replay(argv[i]);
            continue;
        }
        for (const auto& entry : std::filesystem::directory_iterator{argv[i]})
            if (entry.is_regular_file()) replay(entry.path());
    }
    std::printf("%d inputs\n", replayed);
    return replayed > 0 ? 0 : 1;
}

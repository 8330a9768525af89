// SPDX-License-Identifier: Apache-2.0
// replay FILE... -- PROGRAM [ARGUMENT...]: replays conversations, each against a new process.
// PURSE_TEST_BINARY, when set, is the program instead. Exit code 0 when all went as written.
#include <cstdlib>
#include <exception>
#include <iostream>

#include "conversation.hpp"

namespace {
int run(int argc, char** argv)
{
    std::vector<std::string> files;
    std::vector<std::string> program;
    bool after = false;
    for (int i = 1; i < argc; ++i) {
        const std::string word{argv[i]};
        if (!after && word == "--")
            after = true;
        else
            (after ? program : files).push_back(word);
    }
    if (const char* binary = std::getenv("PURSE_TEST_BINARY")) {
        if (program.empty()) program.emplace_back();
        program[0] = binary;
    }
    if (files.empty() || program.empty()) {
        std::cerr << "replay FILE... -- PROGRAM [ARGUMENT...]\n";
        return 2;
    }
    int failures = 0;
    for (const auto& file : files) {
        const auto wrong = purse::test::replay_process(file, program);
        std::cout << (wrong.empty() ? "ok   " : "FAIL ") << file << '\n';
        if (!wrong.empty()) {
            std::cout << wrong << '\n';
            ++failures;
        }
    }
    return failures == 0 ? 0 : 1;
}
}  // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 2;
    }
}

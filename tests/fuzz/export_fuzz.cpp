// SPDX-License-Identifier: Apache-2.0
// An export of the journal that somebody hands over: read line by line, as `purse journal verify
// FILE` does.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/export_verifier.hpp"
#include "tests/fuzz/check.hpp"

namespace {
using namespace purse;
using fuzz::check;

void read_lines(std::string_view line)
{
    // What a reader takes it writes again, to the byte.
    if (const auto header = header_of(line)) check(to_line(*header) == line, "a header");
    if (const auto head = head_of(line)) check(to_line(*head) == line, "a head");
    if (const auto end = end_of(line)) check(to_line(*end) == line, "an end");
    if (const auto parts = entry_of(line)) {
        check(parts->body.size() + parts->chain.size() <= line.size(), "parts of a line");
        if (const auto place = place_of(parts->body)) check(place->seq > 0, "a place");
    }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view text{reinterpret_cast<const char*>(data), size};
    ExportVerifier verifier{{.remembers_heads = true}};
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        read_lines(text.substr(0, end));
        verifier.take(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    read_lines(text);
    const bool holds = verifier.finish(text);
    check(holds == !verifier.fault(), "one verdict");
    if (holds) check(verifier.header() && text.empty(), "what holds is whole");
    if (!holds) check(verifier.fault()->line > 0 && !verifier.fault()->what.empty(), "a reason");
    return 0;
}

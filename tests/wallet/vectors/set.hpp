// SPDX-License-Identifier: Apache-2.0
// One set of public vectors: how many there are, how many agree, and reading their JSON.
#pragma once

#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "ledger/hash.hpp"
#include "ledger/json.hpp"
#include "wallet/curve.hpp"

namespace purse::test {

/// A file of the folder as JSON; throws when there is none.
inline json::Document read_vectors(const std::string& folder, const char* name)
{
    const auto path = folder + "/" + name + ".json";
    std::ifstream file{path, std::ios::binary};
    if (!file) throw std::runtime_error{path + " is missing"};
    std::ostringstream text;
    text << file.rdbuf();
    auto document = json::parse(text.str(), {.depth_max = 64});
    if (!document) throw std::runtime_error{path + ": " + document.error().what};
    return *std::move(document);
}

inline std::string_view text_of(const json::Value& value, const char* member)
{
    const auto* found = value.find(member);
    return found == nullptr ? std::string_view{} : found->text();
}

/// "0x..." of any even length; what is missing is empty.
inline std::string bytes_in(const json::Value& value, const char* member)
{
    auto text = text_of(value, member);
    if (text.starts_with("0x")) text.remove_prefix(2);
    const auto bytes = from_hex(text);
    if (!bytes) throw std::runtime_error{std::string{member} + " is no hexadecimal"};
    return *bytes;
}

/// Counts vectors and says which do not agree.
class Set {
public:
    Set(const char* name, std::size_t published) : name_{name}, published_{published} {}

    /// One vector, which agrees when all of its parts do.
    void count(const json::Value& vector, bool agrees)
    {
        ++all_;
        if (agrees) return;
        ++wrong_;
        const auto name = std::string{text_of(vector, "name")};
        std::printf("%s: vector %zu (%s) does not agree\n", name_, all_, name.c_str());
    }

    /// One line; false when a vector does not agree or there are fewer than were published.
    bool report(const char* what) const
    {
        const bool good = wrong_ == 0 && all_ >= published_;
        std::printf("%-20s %5zu of %5zu agree, %5zu published: %s%s\n", name_, all_ - wrong_, all_,
                    published_, what, good ? "" : "  FAILED");
        return good;
    }

private:
    const char* name_;
    std::size_t published_;
    std::size_t all_ = 0;
    std::size_t wrong_ = 0;
};

bool check_hashes(const std::string& folder);
bool check_rlp(const std::string& folder);
bool check_addresses(const std::string& folder, const Curve& curve);
bool check_typed_transactions(const std::string& folder, const Curve& curve);
bool check_legacy_transactions(const std::string& folder, const Curve& curve);
bool check_typed_data(const std::string& folder, const Curve& curve);
bool check_keystores(const std::string& folder, const Curve& curve);

}  // namespace purse::test

// SPDX-License-Identifier: Apache-2.0
// The words of a command line, taken one after the other.
// Throws std::invalid_argument with a sentence about what is wrong.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace purse::bench {

class Words {
public:
    explicit Words(const std::vector<std::string>& words) : words_(words) {}

    bool empty() const { return at_ == words_.size(); }
    const std::string& next() { return words_[at_++]; }

    const std::string& value_of(const std::string& option)
    {
        if (empty()) throw std::invalid_argument(option + " needs a value");
        return next();
    }

    std::uint64_t number_of(const std::string& option, std::uint64_t most)
    {
        return number(option, value_of(option), most);
    }

    static std::uint64_t number(const std::string& option, const std::string& text,
                                std::uint64_t most)
    {
        std::uint64_t value = 0;
        const auto* end = text.data() + text.size();
        const auto parsed = std::from_chars(text.data(), end, value);
        if (parsed.ec != std::errc{} || parsed.ptr != end || value > most)
            throw std::invalid_argument(option + " needs a whole number of at most " +
                                        std::to_string(most));
        return value;
    }

    /// All words up to the next of `stops`.
    std::vector<std::string> command(const std::vector<std::string>& stops)
    {
        std::vector<std::string> result;
        while (!empty() && std::ranges::find(stops, words_[at_]) == stops.end())
            result.push_back(next());
        if (result.empty()) throw std::invalid_argument("a server without a command");
        return result;
    }

private:
    const std::vector<std::string>& words_;
    std::size_t at_ = 0;
};

}  // namespace purse::bench

// SPDX-License-Identifier: Apache-2.0
// Reads the values of a document that a person wrote: the policy, the wallet's settings. Remembers
// where it is, so that each mistake carries its path, and goes on after one, so that all are found.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/clock.hpp"
#include "ledger/json.hpp"
#include "ledger/mistake.hpp"
#include "ledger/money.hpp"
#include "ledger/nearest.hpp"
#include "ledger/quoted.hpp"

namespace purse {

class DocumentReader {
public:
    DocumentReader() = default;
    DocumentReader(const DocumentReader&) = delete;
    DocumentReader& operator=(const DocumentReader&) = delete;

    /// Stands at a member or an element for as long as it lives.
    class Step {
    public:
        Step(DocumentReader& reader, std::string_view member);
        Step(DocumentReader& reader, std::size_t index);
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;
        ~Step() { reader_.path_.resize(size_before_); }

    private:
        DocumentReader& reader_;
        std::size_t size_before_;
    };

    /// Notes a mistake at the present place, unless there are enough already.
    void wrong(std::string what, std::string expected = {});
    /// Notes that `name` is not one of the known names, and which of them is near.
    template <class Names>
    void unknown(std::string_view kind, std::string_view name, const Names& known)
    {
        if (is_full()) return;  // a long list of unknown names must not be compared for nothing
        Nearest nearest{name};
        for (const auto candidate : known) nearest.consider(candidate);
        unknown(kind, name, nearest);
    }

    // Each reads one value; nothing when it was a mistake, which is then noted.
    struct SpanRange {
        Span min;
        Span max;
    };
    struct NumberRange {
        std::int64_t min;
        std::int64_t max;
    };
    std::optional<Money> money(const json::Value& value);
    std::optional<Span> span(const json::Value& value, SpanRange range);
    std::optional<std::int64_t> integer(const json::Value& value, NumberRange range);
    std::optional<bool> boolean(const json::Value& value);
    std::optional<std::string_view> text(const json::Value& value, std::string_view expected);

    /// The elements of an array, or the members of an object; none when it is something else or
    /// has more than `count_max`.
    std::span<const json::Value> array(const json::Value& value, std::size_t count_max);
    std::span<const json::Value> object(const json::Value& value, std::size_t count_max);

    const Mistakes& mistakes() const noexcept { return mistakes_; }
    Mistakes take() noexcept { return std::move(mistakes_); }

protected:
    /// False, and a mistake is noted, when the value is of another kind.
    bool is(const json::Value& value, json::Kind kind, std::string_view expected);

private:
    bool is_full() const noexcept { return mistakes_.size() >= kMistakesMax; }
    void unknown(std::string_view kind, std::string_view name, const Nearest& nearest);
    std::span<const json::Value> items(const json::Value& value, json::Kind kind,
                                       std::size_t count_max);

    std::string path_ = "$";
    Mistakes mistakes_;
};

enum class Need : std::uint8_t { optional, required };

/// One member that an object may have, and how it is read into a T.
template <class T, class Reader = DocumentReader>
struct Field {
    std::string_view name;
    void (*read)(Reader&, const json::Value&, T&);
    Need need = Need::optional;
};

/// The names of a table, for messages and KnownFields.
template <class T, class Reader, std::size_t N>
std::vector<std::string_view> names_of(const Field<T, Reader> (&fields)[N])
{
    std::vector<std::string_view> names;
    for (const auto& field : fields) names.push_back(field.name);
    return names;
}

/// Reads an object by its table. False: it is no object; a member that no entry has is a mistake.
template <class Reader, class T, std::size_t N>
bool read_fields(Reader& reader, const json::Value& value, const Field<T, Reader> (&fields)[N],
                 T& out)
{
    if (!value.is(json::Kind::object)) {
        reader.wrong("is " + std::string{json::describe(value.kind())}, "an object");
        return false;
    }
    for (const auto& field : fields)
        if (field.need == Need::required && value.find(field.name) == nullptr) {
            const DocumentReader::Step step{reader, field.name};
            reader.wrong("is missing");
        }
    for (const auto& member : value.items()) {
        const DocumentReader::Step step{reader, member.key()};
        const auto known = std::ranges::find(fields, member.key(), &Field<T, Reader>::name);
        if (known != std::end(fields))
            known->read(reader, member, out);
        else
            reader.unknown("field", member.key(), names_of(fields));
    }
    return true;
}

}  // namespace purse

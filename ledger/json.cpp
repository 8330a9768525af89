// SPDX-License-Identifier: Apache-2.0
#include "ledger/json.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cstring>
#include <utility>
#include <vector>

namespace purse::json {

namespace {
// Objects up to this size are checked for duplicates pair by pair, larger ones by sorting.
constexpr std::size_t kPairwiseMembersMax = 12;
// First block of a document's memory: one tool call fits without a second allocation.
constexpr std::size_t kFirstBlockBytes = 4096;

struct Position {
    std::size_t line = 1;
    std::size_t column = 1;
};

Position position_of(std::string_view text, std::size_t offset)
{
    const auto before = text.substr(0, std::min(offset, text.size()));
    const auto newline = before.rfind('\n');
    return {1 + static_cast<std::size_t>(std::ranges::count(before, '\n')),
            newline == std::string_view::npos ? before.size() + 1 : before.size() - newline};
}

// The offset of the first byte that is not part of well-formed UTF-8 (RFC 3629); the size if all
// is.
std::size_t utf8_prefix(std::string_view text) noexcept
{
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        if (lead < 0x80) {
            ++at;
            continue;
        }
        const std::size_t size = lead < 0xc2   ? 0
                                 : lead < 0xe0 ? 2
                                 : lead < 0xf0 ? 3
                                 : lead < 0xf5 ? 4
                                               : 0;
        if (size == 0 || text.size() - at < size) return at;
        // The second byte rules out overlong forms, surrogates and what is beyond U+10FFFF.
        const auto second = static_cast<unsigned char>(text[at + 1]);
        const int low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        const int high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (second < low || second > high) return at;
        for (std::size_t i = 2; i < size; ++i)
            if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return at;
        at += size;
    }
    return text.size();
}

constexpr bool needs_escape(char c) noexcept
{
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

char* write_escape(char* out, char c)
{
    static constexpr char kHex[] = "0123456789abcdef";
    *out++ = '\\';
    switch (c) {
        case '"': *out++ = '"'; return out;
        case '\\': *out++ = '\\'; return out;
        case '\b': *out++ = 'b'; return out;
        case '\f': *out++ = 'f'; return out;
        case '\n': *out++ = 'n'; return out;
        case '\r': *out++ = 'r'; return out;
        case '\t': *out++ = 't'; return out;
        default: break;
    }
    out = std::copy_n("u00", 3, out);
    *out++ = kHex[static_cast<unsigned char>(c) >> 4];
    *out++ = kHex[static_cast<unsigned char>(c) & 15];
    return out;
}

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

// The first of eight bytes that needs an escape; eight if none does. A byte is below 0x20, or is
// one of two characters, if subtracting borrows from its high bit (Warren, Hacker's Delight, 6-1);
// what a borrow marks wrongly stands behind one that is marked rightly.
std::size_t first_special(std::uint64_t word) noexcept
{
    constexpr std::uint64_t kOnes = 0x0101010101010101U;
    constexpr std::uint64_t kHighs = kOnes << 7;
    const auto zero_bytes = [](std::uint64_t v) { return (v - kOnes) & ~v & kHighs; };
    const auto marked = ((word - kOnes * 0x20) & ~word & kHighs) |
                        zero_bytes(word ^ (kOnes * '"')) | zero_bytes(word ^ (kOnes * '\\'));
    return static_cast<std::size_t>(std::countr_zero(marked)) / 8;
}

// Writes the escaped form of `text`; `out` has room for six bytes a byte, and a word.
char* write_escaped(char* out, std::string_view text)
{
    std::size_t i = 0;
    while (i < text.size()) {
        if (std::endian::native == std::endian::little && text.size() - i >= kWordBytes) {
            // All eight are copied; those from the first special one on are written over.
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + i, kWordBytes);
            std::memcpy(out, &word, kWordBytes);
            const auto plain = first_special(word);
            out += plain;
            i += plain;
            if (plain == kWordBytes) continue;
        } else if (!needs_escape(text[i])) {
            *out++ = text[i++];
            continue;
        }
        out = write_escape(out, text[i++]);
    }
    return out;
}

const char* words_for(const boost::system::error_code& ec)
{
    using boost::json::error;
    if (ec == error::incomplete) return "the text ends too early";
    if (ec == error::extra_data) return "there is something after the end of the value";
    if (ec == error::array_too_large) return "it has too many values";
    if (ec == error::too_deep) return "it is nested too deeply";
    if (ec == error::expected_hex_digit) return "a \\u escape without four hex digits";
    if (ec == error::illegal_leading_surrogate || ec == error::illegal_trailing_surrogate ||
        ec == error::expected_utf16_escape)
        return "a broken \\u surrogate pair";
    if (ec == error::exponent_overflow) return "a number's exponent is too large";
    return "a syntax error";
}
}  // namespace

/// Receives Boost.JSON's tokens and grows the tree from the leaves.
class Builder {
public:
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    using Error = boost::system::error_code;
    using Text = boost::json::string_view;

    explicit Builder(std::size_t values_max)
        : memory_{std::make_unique<std::pmr::monotonic_buffer_resource>(kFirstBlockBytes)},
          room_{values_max}
    {
    }

    bool on_document_begin(Error&) { return true; }
    bool on_document_end(Error&) { return true; }
    bool on_object_begin(Error& ec) { return open(ec); }
    bool on_array_begin(Error& ec) { return open(ec); }
    bool on_array_end(std::size_t count, Error&) { return close(Kind::array, count); }
    bool on_object_end(std::size_t count, Error& ec)
    {
        const auto members = std::span{stack_}.last(count);
        if (has_duplicate(members)) {
            ec = boost::json::make_error_code(boost::json::error::syntax);
            return false;
        }
        return close(Kind::object, count);
    }
    bool on_key_part(Text part, std::size_t, Error&) { return partial(part); }
    bool on_key(Text part, std::size_t, Error&)
    {
        keys_.push_back(finish(part));
        return true;
    }
    bool on_string_part(Text part, std::size_t, Error&) { return partial(part); }
    bool on_string(Text part, std::size_t, Error& ec)
    {
        return push(Kind::string, ec, [&](Value& value) { value.text_ = finish(part); });
    }
    bool on_number_part(Text part, Error&) { return partial(part); }
    bool on_int64(std::int64_t, Text part, Error& ec) { return number(part, ec); }
    bool on_uint64(std::uint64_t, Text part, Error& ec) { return number(part, ec); }
    bool on_double(double, Text part, Error& ec) { return number(part, ec); }
    bool on_bool(bool truth, Error& ec)
    {
        return push(Kind::boolean, ec, [&](Value& value) { value.truth_ = truth; });
    }
    bool on_null(Error& ec)
    {
        return push(Kind::null, ec, [](Value&) {});
    }
    bool on_comment_part(Text, Error&) { return true; }
    bool on_comment(Text, Error&) { return true; }

    Document take()
    {
        Document document;
        document.root_ = copy(stack_);
        document.memory_ = std::move(memory_);
        return document;
    }

    const std::string& duplicate() const noexcept { return duplicate_; }

private:
    bool open(Error& ec)
    {
        if (!take_room(ec)) return false;
        // The container's own key waits below its members' values.
        containers_.push_back(take_key());
        return true;
    }

    bool close(Kind kind, std::size_t count)
    {
        Value value;
        value.kind_ = kind;
        value.key_ = containers_.back();
        containers_.pop_back();
        value.items_ = copy(std::span{stack_}.last(count));
        value.count_ = static_cast<std::uint32_t>(count);
        stack_.resize(stack_.size() - count);
        stack_.push_back(value);
        return true;
    }

    bool number(Text part, Error& ec)
    {
        return push(Kind::number, ec, [&](Value& value) { value.text_ = finish(part); });
    }

    template <class Fill>
    bool push(Kind kind, Error& ec, Fill fill)
    {
        if (!take_room(ec)) return false;
        Value value;
        value.kind_ = kind;
        value.key_ = take_key();
        fill(value);
        stack_.push_back(value);
        return true;
    }

    bool take_room(Error& ec)
    {
        if (room_ > 0) {
            --room_;
            return true;
        }
        ec = boost::json::make_error_code(boost::json::error::array_too_large);
        return false;
    }

    std::string_view take_key()
    {
        if (keys_.empty()) return {};
        const auto key = keys_.back();
        keys_.pop_back();
        return key;
    }

    bool partial(Text part)
    {
        parts_.append(part.data(), part.size());
        return true;
    }

    std::string_view finish(Text last)
    {
        const auto size = parts_.size() + last.size();
        if (size == 0) return {};
        auto* bytes = static_cast<char*>(memory_->allocate(size, 1));
        std::memcpy(bytes, parts_.data(), parts_.size());
        std::memcpy(bytes + parts_.size(), last.data(), last.size());
        parts_.clear();
        return {bytes, size};
    }

    const Value* copy(std::span<const Value> values)
    {
        if (values.empty()) return nullptr;
        auto* place = static_cast<Value*>(memory_->allocate(values.size_bytes(), alignof(Value)));
        std::uninitialized_copy(values.begin(), values.end(), place);
        return place;
    }

    bool has_duplicate(std::span<const Value> members)
    {
        if (members.size() <= kPairwiseMembersMax) {
            for (std::size_t i = 1; i < members.size(); ++i)
                for (std::size_t j = 0; j < i; ++j)
                    if (members[i].key_ == members[j].key_) return found(members[i].key_);
            return false;
        }
        std::vector<std::string_view> keys;
        keys.reserve(members.size());
        for (const auto& member : members) keys.push_back(member.key_);
        std::ranges::sort(keys);
        const auto twin = std::ranges::adjacent_find(keys);
        return twin != keys.end() && found(*twin);
    }

    bool found(std::string_view key)
    {
        duplicate_ = std::string{key};
        return true;
    }

    std::unique_ptr<std::pmr::monotonic_buffer_resource> memory_;
    std::vector<Value> stack_;
    std::vector<std::string_view> keys_;        // at most one: the key whose value comes next
    std::vector<std::string_view> containers_;  // keys of the containers that are open
    std::string parts_;
    std::string duplicate_;
    std::size_t room_;  // values that may still come
};

std::optional<std::int64_t> Value::integer() const noexcept
{
    if (kind_ != Kind::number) return std::nullopt;
    std::int64_t number = 0;
    const auto* end = text_.data() + text_.size();
    const auto [stop, ec] = std::from_chars(text_.data(), end, number);
    if (ec != std::errc{} || stop != end) return std::nullopt;
    return number;
}

const Value* Value::find(std::string_view key) const noexcept
{
    if (kind_ != Kind::object) return nullptr;
    for (const auto& member : items())
        if (member.key_ == key) return &member;
    return nullptr;
}

std::string_view describe(Kind kind) noexcept
{
    switch (kind) {
        case Kind::null: return "null";
        case Kind::boolean: return "a boolean";
        case Kind::number: return "a number";
        case Kind::string: return "a string";
        case Kind::array: return "an array";
        case Kind::object: return "an object";
    }
    return "a value";
}

std::expected<Document, ParseError> parse(std::string_view text, ParseOptions options)
{
    if (options.comments) {
        // Boost.JSON looks at strings but not into comments, and the whole text is journaled.
        if (const auto used = utf8_prefix(text); used < text.size()) {
            const auto where = position_of(text, used);
            return std::unexpected{
                ParseError{"a byte that is not UTF-8", used, where.line, where.column}};
        }
    }
    boost::json::parse_options rules;
    rules.max_depth = options.depth_max;
    rules.allow_comments = options.comments;
    rules.allow_trailing_commas = options.comments;
    boost::json::basic_parser<Builder> parser{rules, options.values_max};
    boost::system::error_code ec;
    const auto used = parser.write_some(false, text.data(), text.size(), ec);
    if (!ec && used < text.size())
        ec = boost::json::make_error_code(boost::json::error::extra_data);
    if (ec) {
        const auto& duplicate = parser.handler().duplicate();
        const auto where = position_of(text, used);
        auto what = duplicate.empty() ? std::string{words_for(ec)}
                                      : "the key \"" + duplicate + "\" stands twice in one object";
        return std::unexpected{ParseError{std::move(what), used, where.line, where.column}};
    }
    return parser.handler().take();
}

std::string well_formed(std::string_view text)
{
    std::string out;
    for (;;) {
        const auto good = utf8_prefix(text);
        out += text.substr(0, good);
        if (good == text.size()) return out;
        out += '?';
        text.remove_prefix(good + 1);
    }
}

void append_quoted(std::string& out, std::string_view text)
{
    constexpr std::size_t kPieceBytes = 128;
    std::array<char, 6 * kPieceBytes + kWordBytes> piece;  // written before it is read
    out += '"';
    while (!text.empty()) {
        const char* end = write_escaped(piece.data(), text.substr(0, kPieceBytes));
        out.append(piece.data(), static_cast<std::size_t>(end - piece.data()));
        text.remove_prefix(std::min(kPieceBytes, text.size()));
    }
    out += '"';
}

std::string quoted(std::string_view text)
{
    std::string out;
    append_quoted(out, text);
    return out;
}

void append(std::string& out, const Value& value)
{
    switch (value.kind()) {
        case Kind::null: out += "null"; return;
        case Kind::boolean: out += value.truth() ? "true" : "false"; return;
        case Kind::number: out += value.text(); return;
        case Kind::string: append_quoted(out, value.text()); return;
        case Kind::array:
        case Kind::object: break;
    }
    const bool is_object = value.is(Kind::object);
    char separator = is_object ? '{' : '[';
    if (value.items().empty()) out += separator;
    for (const auto& item : value.items()) {
        out += std::exchange(separator, ',');
        if (is_object) {
            append_quoted(out, item.key());
            out += ':';
        }
        append(out, item);
    }
    out += is_object ? '}' : ']';
}

}  // namespace purse::json

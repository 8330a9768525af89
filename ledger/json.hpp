// SPDX-License-Identifier: Apache-2.0
// Strict JSON reading (RFC 8259): what money needs and Boost.JSON's own tree does not
// keep. Duplicate keys are errors, numbers keep their exact text and never become a
// double, depth is bounded. Boost.JSON tokenizes; the tree here only remembers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace purse::json {

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

/// One value of a parsed document. Lives as long as its Document.
class Value {
public:
    Kind kind() const noexcept { return kind_; }
    bool is(Kind kind) const noexcept { return kind_ == kind; }

    /// The name of this member; empty unless the parent is an object.
    std::string_view key() const noexcept { return key_; }
    /// Unescaped text of a string; exact source text of a number; otherwise empty.
    std::string_view text() const noexcept { return text_; }
    /// That of a member; empty when there is none.
    std::string_view text_of(std::string_view name) const noexcept
    {
        const auto* member = find(name);
        return member == nullptr ? std::string_view{} : member->text();
    }
    /// True only for the literal true.
    bool truth() const noexcept { return truth_; }
    /// The value of a number written as a plain integer that fits; otherwise nothing.
    std::optional<std::int64_t> integer() const noexcept;
    /// Elements of an array, or members of an object in source order.
    std::span<const Value> items() const noexcept { return {items_, count_}; }
    /// The member of that name, or nullptr (also when this is no object). Linear in members.
    const Value* find(std::string_view key) const noexcept;

private:
    friend class Builder;
    std::string_view key_;
    std::string_view text_;
    const Value* items_ = nullptr;
    std::uint32_t count_ = 0;
    Kind kind_ = Kind::null;
    bool truth_ = false;
};

/// The article and name of a kind, for messages: "a string", "an object".
std::string_view describe(Kind kind) noexcept;

struct ParseError {
    std::string what;        ///< what is wrong, with the duplicate key's name where that is it
    std::size_t offset = 0;  ///< bytes from the start of the text
    std::size_t line = 1;    ///< from 1
    std::size_t column = 1;  ///< from 1, in bytes
};

struct ParseOptions {
    std::size_t depth_max = 32;
    /// Members and elements in all, for texts of strangers: one byte of text may become a value of
    /// 56 bytes.
    std::size_t values_max = static_cast<std::size_t>(-1);
    bool comments = false;  ///< JSONC: // and /* */ comments and trailing commas (policy documents)
};

/// A parsed text and the memory of its tree. Movable, not copyable.
class Document {
public:
    const Value& root() const noexcept { return *root_; }

private:
    friend class Builder;
    std::unique_ptr<std::pmr::monotonic_buffer_resource> memory_;
    const Value* root_ = nullptr;
};

/// Reads exactly one JSON text. Linear in its size (objects of more than a few members:
/// n log n for the duplicate check). Never throws but for memory.
std::expected<Document, ParseError> parse(std::string_view text, ParseOptions options = {});

/// The text with every byte that is not part of well-formed UTF-8 replaced by "?": for texts that
/// come from a command line or a file name and go into JSON.
std::string well_formed(std::string_view text);

/// Appends `text` as a JSON string literal with quotes; only what RFC 8785 escapes is escaped.
void append_quoted(std::string& out, std::string_view text);
/// The same as a text of its own.
std::string quoted(std::string_view text);

/// Appends a value as compact JSON: members in source order, numbers by their exact text.
/// Recursion is bounded by the depth the value was parsed with.
void append(std::string& out, const Value& value);

}  // namespace purse::json

// SPDX-License-Identifier: Apache-2.0
#include "tools/policy_text.hpp"

#include "ledger/document_reader.hpp"
#include "ledger/json.hpp"
#include "wallet/address.hpp"

namespace purse::tools {

namespace {
/// Whatever looks like an address is one: no other text of a policy does.
void check_checksums(DocumentReader& reader, const json::Value& value)
{
    if (value.is(json::Kind::string)) {
        const auto address = parse_address(value.text());
        if (!address && address.error() == AddressError::bad_checksum)
            reader.wrong(
                "is an address with a wrong checksum (ERC-55): a digit or a letter's case "
                "is wrong",
                "the address as its owner gave it, or all in lower case if you are sure");
        return;
    }
    std::size_t index = 0;
    for (const auto& item : value.items()) {
        if (value.is(json::Kind::object)) {
            const DocumentReader::Step step{reader, item.key()};
            check_checksums(reader, item);
        } else {
            const DocumentReader::Step step{reader, index++};
            check_checksums(reader, item);
        }
    }
}
}  // namespace

std::expected<std::shared_ptr<const policy::Document>, Mistakes> check_policy_text(
    std::string_view text)
{
    auto document = policy::parse_document(text);
    if (!document) return document;
    // It has just been read, so its depth is bounded.
    const auto tree = json::parse(text, {.comments = true});
    DocumentReader reader;
    if (tree) check_checksums(reader, tree->root());
    if (!reader.mistakes().empty()) return std::unexpected{reader.take()};
    return document;
}

}  // namespace purse::tools

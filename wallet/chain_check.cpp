// SPDX-License-Identifier: Apache-2.0
#include "wallet/chain_check.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "ledger/json.hpp"
#include "ledger/quoted.hpp"
#include "wallet/calls.hpp"

namespace purse {

namespace {
constexpr Wei kDecimals = 6;
constexpr int kTries = 3;  // of one question
// EIP-7702: the code of an account that lets a contract act for it.
constexpr std::string_view kDelegated{"\xef\x01\x00", 3};

std::string hex_text(const Digest& digest)
{
    return "0x" + to_hex(as_bytes(digest));
}

/// What one node said.
struct NodeFindings {
    Digest genesis{};
    bool has_multicall = false;
    bool treasury_is_blacklisted = false;
    bool is_paused = false;
};

class NodeCheck {
public:
    NodeCheck(Node& node, const ChainExpectation& expectation) : node_{node}, expected_{expectation}
    {
    }

    /// What is wrong; empty: `findings` is complete.
    std::vector<ChainTrouble> run(NodeFindings& findings)
    {
        // On another chain everything else would differ as well.
        if (is_right_chain() && read_genesis(findings) && read_codes(findings))
            read_token(findings);
        return std::move(troubles_);
    }

private:
    void differs(std::string what)
    {
        troubles_.push_back({ChainTrouble::Kind::differs, node_.name(), std::move(what)});
    }
    /// The answer; nullptr, and it is noted, when there is none.
    template <typename T>
    const T* answer(const NodeAnswer<T>& answer)
    {
        if (answer) return &*answer;
        troubles_.push_back({ChainTrouble::Kind::unreachable, node_.name(), answer.error().what});
        return nullptr;
    }

    /// Asked again when the answer was lost: six answers in a row are much to ask of a bad line.
    template <typename Ask>
    auto asked(Ask ask)
    {
        auto answered = ask();
        for (int i = 1; i < kTries && !answered; ++i) {
            if (answered.error().kind != NodeFault::Kind::unknown) break;
            answered = ask();
        }
        return answered;
    }

    bool is_right_chain()
    {
        const auto answered = asked([&] { return node_.chain_id(); });
        const auto* id = answer(answered);
        if (id == nullptr) return false;
        if (*id == expected_.token.chain_id) return true;
        differs("The chain should be " + std::to_string(expected_.token.chain_id) +
                "; the node is on chain " + std::to_string(*id) + ".");
        return false;
    }

    bool read_genesis(NodeFindings& findings)
    {
        const auto answered = asked([&] { return node_.block(0); });
        const auto* genesis = answer(answered);
        if (genesis == nullptr) return false;
        if (!genesis->has_value()) {
            differs("The chain should begin with block 0; the node knows of none.");
            return false;
        }
        findings.genesis = (*genesis)->id.hash;
        return true;
    }

    /// False: the token cannot be asked.
    bool read_codes(NodeFindings& findings)
    {
        const auto token = asked([&] { return node_.code(expected_.token.contract); });
        const auto treasury = asked([&] { return node_.code(expected_.treasury); });
        const auto multicall = asked([&] { return node_.code(multicall3()); });
        for (const auto* code : {&token, &treasury, &multicall})
            if (answer(*code) == nullptr) return false;
        findings.has_multicall = !multicall->empty();
        if (treasury->starts_with(kDelegated))
            differs("The treasury " + to_checksummed(expected_.treasury) +
                    " should be a plain account; the node says that it is delegated to a contract "
                    "(EIP-7702), and USDC refuses every authorization of such an account.");
        else if (!treasury->empty())
            differs("The treasury " + to_checksummed(expected_.treasury) +
                    " should be a plain account; the node says that it is a contract.");
        if (!token->empty()) return true;
        differs("The token should be the contract " + to_checksummed(expected_.token.contract) +
                "; the node says that there is none at this address.");
        return false;
    }

    void read_token(NodeFindings& findings)
    {
        const auto call = [&](std::string data) {
            return CallRequest{.from = {}, .to = expected_.token.contract, .data = std::move(data)};
        };
        const std::array requests{call(encode_name()),
                                  call(encode_version()),
                                  call(encode_decimals()),
                                  call(encode_domain_separator()),
                                  call(encode_is_blacklisted(expected_.treasury)),
                                  call(encode_paused())};
        const auto answered = asked([&] { return node_.calls(requests, std::nullopt); });
        const auto* results = answer(answered);
        if (results == nullptr) return;
        if (results->size() != requests.size()) {
            differs("The token should answer each call; the node gave another number of answers.");
            return;
        }
        const auto data = [&](std::size_t i) -> std::string_view {
            return (*results)[i].reverted ? std::string_view{} : (*results)[i].data;
        };
        text_is("name()", expected_.token.name, decode_string(data(0)));
        text_is("version()", expected_.token.version, decode_string(data(1)));
        const auto decimals = decode_uint(data(2));
        if (decimals != kDecimals)
            differs("The token's decimals() should be 6; the node says " +
                    (decimals ? to_decimal(*decimals) : std::string{"nothing that is a number"}) +
                    ".");
        const auto expected = domain_separator(expected_.token);
        const auto separator = decode_word(data(3));
        if (separator != expected)
            differs("The token's DOMAIN_SEPARATOR() should be " + hex_text(expected) +
                    " by the settings; the node says " +
                    (separator ? hex_text(*separator) : std::string{"nothing of 32 bytes"}) + ".");
        flag("isBlacklisted()", findings.treasury_is_blacklisted, decode_bool(data(4)));
        flag("paused()", findings.is_paused, decode_bool(data(5)));
    }

    void text_is(std::string_view call, const std::string& expected,
                 const std::optional<std::string>& said)
    {
        if (said == expected) return;
        differs("The token's " + std::string{call} + " should be " + quoted(expected) +
                "; the node says " +
                (said ? quoted(json::well_formed(*said)) : std::string{"nothing that is a text"}) +
                ".");
    }

    void flag(std::string_view call, bool& out, std::optional<bool> said)
    {
        if (said)
            out = *said;
        else
            differs("The token's " + std::string{call} +
                    " should be true or false; the node says something else.");
    }

    Node& node_;
    const ChainExpectation& expected_;
    std::vector<ChainTrouble> troubles_;
};

ChainTrouble another_genesis(const std::string& node, const Digest& expected, const Digest& said)
{
    return {ChainTrouble::Kind::differs, node,
            "Block 0 should be " + hex_text(expected) + " as on the other nodes; the node says " +
                hex_text(said) + "."};
}

bool is_difference(const ChainTrouble& trouble)
{
    return trouble.kind == ChainTrouble::Kind::differs;
}

void add_warnings(const ChainExpectation& expectation, const NodeFindings& findings,
                  std::vector<std::string>& warnings)
{
    if (findings.treasury_is_blacklisted)
        warnings.push_back("The token's issuer has blacklisted the treasury " +
                           to_checksummed(expectation.treasury) + ": no payout can pass.");
    if (findings.is_paused)
        warnings.emplace_back("The token is paused by its issuer: no payout passes until it ends.");
}
}  // namespace

std::expected<ChainFound, std::vector<ChainTrouble>> check_chain(
    Nodes& nodes, const ChainExpectation& expectation)
{
    ChainFound found{.has_multicall = true};
    std::vector<ChainTrouble> troubles;
    std::vector<std::size_t> silent;
    std::optional<NodeFindings> all;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        NodeFindings findings;
        auto wrong = NodeCheck{nodes.at(i), expectation}.run(findings);
        if (!wrong.empty()) {
            silent.push_back(i);
            std::ranges::move(wrong, std::back_inserter(troubles));
            continue;
        }
        if (all && all->genesis != findings.genesis)
            troubles.push_back(another_genesis(nodes.at(i).name(), all->genesis, findings.genesis));
        found.has_multicall = found.has_multicall && findings.has_multicall;
        if (!all) all = findings;
        all->treasury_is_blacklisted |= findings.treasury_is_blacklisted;
        all->is_paused |= findings.is_paused;
    }
    if (!all || std::ranges::any_of(troubles, is_difference))
        return std::unexpected{std::move(troubles)};
    for (std::size_t i = 0; i < nodes.size(); ++i)
        if (std::ranges::find(silent, i) != silent.end())
            nodes.set_aside(i);
        else
            nodes.admit(i);
    found.genesis = all->genesis;
    found.unreachable = std::move(troubles);
    add_warnings(expectation, *all, found.warnings);
    return found;
}

std::vector<ChainTrouble> admit_checked(Nodes& nodes, const ChainExpectation& expectation,
                                        const ChainFound& found)
{
    std::vector<ChainTrouble> troubles;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (!nodes.is_aside(i)) continue;
        NodeFindings findings;
        auto wrong = NodeCheck{nodes.at(i), expectation}.run(findings);
        if (wrong.empty() && findings.genesis != found.genesis)
            wrong.push_back(another_genesis(nodes.at(i).name(), found.genesis, findings.genesis));
        if (wrong.empty()) nodes.admit(i);
        std::ranges::move(wrong, std::back_inserter(troubles));
    }
    return troubles;
}

}  // namespace purse

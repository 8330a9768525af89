// SPDX-License-Identifier: Apache-2.0
// How many entries a second are verified in an export of a journal like a busy server's: entries of
// some 480 bytes, a signed head after each 1,024. The file is written first, then read and verified
// three times, as `purse journal verify FILE` does, on one thread. Fails below 500,000 entries a
// second of processor time, which a busy machine does not change much.
//   purse_journal_bench FILE [ENTRIES]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include "ledger/export_verifier.hpp"
#include "ledger/journal.hpp"
#include "ledger/journal_export.hpp"
#include "ledger/system/head_key.hpp"

using namespace purse;

namespace {
constexpr int kRounds = 3;
constexpr std::int64_t kEntries = 1'000'000;
constexpr std::int64_t kHeadEvery = 1'024;
constexpr double kGoal = 500'000;

using Clock = std::chrono::steady_clock;

std::string entry(std::int64_t seq)
{
    const auto number = std::to_string(seq);
    EntryWriter entry;
    entry.text("agent", "image-gen-agent-v2").text("amount", "0.08").time("at", {seq * 1'000});
    entry.json("caps", R"([{"budget":"agent/image-gen-agent-v2","kind":"daily","limit":50000000,)"
                       R"("window":"2026-11-25T00:00:00.000000Z"},)"
                       R"({"budget":"budget/team-design","kind":"daily","limit":200000000,)"
                       R"("window":"2026-11-25T00:00:00.000000Z"}])");
    entry.number("epoch", 7'261'946'003).time("expiresAt", {seq * 1'000 + 120'000'000});
    entry.text("kind", "hold").money("maxCapture", Money::from_micro(88'000));
    entry.text("payee", "0x90f79bf6eb2c4f870365e785982e1f101e93b906").number("policy", 1);
    entry.number("seq", seq).text("service", "images").text("txId", "tx_00000000000000" + number);
    return entry.take();
}

struct Made {
    HeadRow head;
    std::vector<HeadRow> heads;
};

/// The heads of the journal, the last at its end.
Made make(std::int64_t count, const HeadSigner& signer)
{
    Made made;
    Digest chain{};
    MerkleFrontier tree;
    for (std::int64_t seq = 1; seq <= count; ++seq) {
        const auto leaf = leaf_hash(entry(seq));
        chain = link_hash(chain, leaf);
        tree.push(leaf);
        if (seq % kHeadEvery != 0 && seq != count) continue;
        const HeadClaim claim{.seq = seq, .hash = chain, .at = {seq * 1'000}, .root = tree.root()};
        made.heads.push_back({.seq = seq,
                              .hash = chain,
                              .signed_at = claim.at,
                              .key = signer.public_key(),
                              .signature = signer.sign(head_text(claim)),
                              .root = claim.root});
    }
    made.head = made.heads.back();
    return made;
}

bool write(const std::string& name, std::int64_t count, const HeadSigner& signer)
{
    const auto made = make(count, signer);
    std::ofstream file{name, std::ios::binary | std::ios::trunc};
    ExportWriter writer{{.head = made.head, .from = 1, .to = count},
                        [&](std::string_view line) { file << line; },
                        [&](std::string_view text) { return signer.sign(text); }};
    auto head = made.heads.begin();
    for (std::int64_t seq = 1; seq <= count; ++seq) {
        writer.add(entry(seq));
        if (head->seq == seq) writer.add(*head++);
    }
    writer.finish();
    return static_cast<bool>(file.flush());
}

struct Seconds {
    double wall = 1e9;
    double processor = 1e9;
};

/// Ends the program when the file does not hold.
Seconds verify(const std::string& name)
{
    const auto begun = Clock::now();
    const auto used = std::clock();
    std::ifstream file{name, std::ios::binary};
    ExportVerifier verifier{{}};
    std::vector<char> buffer(1U << 20U);
    std::size_t held = 0;
    while (file) {
        file.read(buffer.data() + held, static_cast<std::streamsize>(buffer.size() - held));
        std::string_view text{buffer.data(), held + static_cast<std::size_t>(file.gcount())};
        for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
            verifier.take(text.substr(0, end));
            text.remove_prefix(end + 1);
        }
        held = text.size();
        std::copy(text.begin(), text.end(), buffer.begin());
    }
    if (!verifier.finish({buffer.data(), held})) {
        std::fprintf(stderr, "the export does not hold: %s\n", verifier.fault()->what.c_str());
        std::exit(1);
    }
    return {.wall = std::chrono::duration<double>{Clock::now() - begun}.count(),
            .processor = static_cast<double>(std::clock() - used) / CLOCKS_PER_SEC};
}

std::string processor()
{
    std::ifstream file{"/proc/cpuinfo"};
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    return "unknown processor";
}
}  // namespace

int main(int argc, char** argv)
{
    if (argc < 2 || argc > 3) {
        std::fprintf(stderr, "usage: purse_journal_bench FILE [ENTRIES]\n");
        return 2;
    }
    const std::string name = argv[1];
    const auto count = argc == 3 ? std::max<std::int64_t>(1, std::atoll(argv[2])) : kEntries;
    const system::FileHeadKey signer{name + ".key"};
    if (!write(name, count, signer)) {
        std::fprintf(stderr, "%s cannot be written\n", name.c_str());
        return 1;
    }
    Seconds best;
    for (int round = 0; round < kRounds; ++round) {
        const auto took = verify(name);
        best = {.wall = std::min(best.wall, took.wall),
                .processor = std::min(best.processor, took.processor)};
    }
    const auto entries = static_cast<double>(count);
    std::printf("%lld entries, best of %d: %.0f a second, %.0f a second of processor time, on %s\n",
                static_cast<long long>(count), kRounds, entries / best.wall,
                entries / best.processor, processor().c_str());
    return entries / best.processor >= kGoal ? 0 : 1;
}

// SPDX-License-Identifier: Apache-2.0
// Ten agents at once against one shared cap: ten processes, each with its own credential.
#include <algorithm>
#include <array>
#include <fstream>
#include <latch>
#include <map>
#include <mutex>
#include <thread>

#include "examples/demo_story.hpp"

namespace purse::demo {

namespace {
constexpr int kScouts = 10;
constexpr int kTriesEach = 5;
constexpr auto kCap = Money::from_micro(1'000'000);
constexpr std::string_view kPrice = "0.04";  // 25 of the 50 payments fit exactly

std::string name_of(int scout)
{
    return (scout < kScouts ? "scout-0" : "scout-") + std::to_string(scout);
}

struct Tally {
    Money paid;
    int payments = 0;
    std::map<std::string, int> refusals;  // by reason
    std::string words;                    // of one refusal
    std::string trouble;                  // what should not have happened

    void add(const Tally& other)
    {
        paid = paid.plus(other.paid).value_or(Money{});
        payments += other.payments;
        for (const auto& [reason, count] : other.refusals) refusals[reason] += count;
        if (words.empty()) words = other.words;
        if (trouble.empty()) trouble = other.trouble;
    }
};

Tally spend(Agent& scout)
{
    Tally tally;
    for (int i = 0; i < kTriesEach; ++i) {
        const auto held =
            scout.call("pay_preauthorize", {{"service", "market-data"}, {"estimatedCost", kPrice}});
        if (!held.ok()) {
            ++tally.refusals[std::string{held.reason()}];
            tally.words = held.text();
            continue;
        }
        const auto paid =
            scout.call("pay_settle", {{"txId", held.get("txId")}, {"actualCost", kPrice}});
        if (!paid.ok()) tally.trouble = paid.text();
        tally.paid = tally.paid.plus(paid.money("captured")).value_or(Money{});
        ++tally.payments;
    }
    return tally;
}

Tally spend_all_at_once(const Place& place)
{
    std::latch ready{kScouts};
    std::mutex mutex;
    Tally total;
    const auto run = [&](int number) {
        Tally tally;
        try {
            Agent scout{place, name_of(number)};
            ready.arrive_and_wait();
            tally = spend(scout);
        } catch (const std::exception& error) {
            tally.trouble = error.what();
        }
        const std::lock_guard lock{mutex};
        total.add(tally);
    };
    {
        std::array<std::jthread, kScouts> crowd;
        for (int i = 0; i < kScouts; ++i)
            crowd.at(static_cast<std::size_t>(i)) = std::jthread{run, i + 1};
    }
    return total;
}
}  // namespace

void hand_out_credentials(Stage& stage, const Place& place)
{
    stage.scene("The operator hands out credentials");
    stage.say(Voice::person,
              "$ purse credential issue analyst > analyst.credential   (and so on for ten scouts)");
    std::vector<std::string> names{"analyst"};
    for (int i = 1; i <= kScouts; ++i) names.push_back(name_of(i));
    int issued = 0;
    for (const auto& name : names) {
        const auto command = operate(place, {"credential", "issue", name});
        if (command.code == 0 && command.out.starts_with("purse_" + name + "_")) ++issued;
        if (command.code != 0 || issued == 1) stage.quote(command.err);
        std::ofstream{place.credential_file(name)} << command.out;
    }
    stage.check(
        issued == kScouts + 1,
        std::to_string(issued) + " secrets, printed once; the ledger keeps only their SHA-256");
}

void ten_agents_at_once(Stage& stage, const Place& place)
{
    stage.scene("Ten agents at once, one team budget of 1.00 USDC a day");
    stage.remark(
        "Ten processes with a credential each, all starting at the same moment, five payments of "
        "0.04 USDC each: 2.00 USDC in all, twice what the team has.");
    const auto total = spend_all_at_once(place);
    stage.say(Voice::refusal, total.words);
    int refused = 0;
    for (const auto& [reason, count] : total.refusals) refused += count;
    stage.check(total.trouble.empty(),
                "no session broke" + (total.trouble.empty() ? "" : ": " + total.trouble));
    stage.check(total.payments == 25 && refused == 25 &&
                    total.refusals.contains("spend_limit_reached") && total.refusals.size() == 1,
                std::to_string(total.payments) + " payments went through and " +
                    std::to_string(refused) + " were refused, every one by the cap");
    stage.check(total.paid == kCap,
                total.paid.to_string() + " USDC was spent: all of the cap, and not a micro more");

    Agent scout{place, name_of(1)};
    const auto status = scout.call("pay_budget_status", {});
    const auto* cap = status.cap("budget/scouts", "daily");
    const auto text = [cap](std::string_view name) {
        const auto* value = cap == nullptr ? nullptr : cap->find(name);
        return value == nullptr ? std::string{"?"} : std::string{value->text()};
    };
    stage.check(text("spent") == kCap.to_string() && text("available") == Money{}.to_string(),
                "the ledger says the same: spent " + text("spent") + ", left " + text("available"));
}

}  // namespace purse::demo

// SPDX-License-Identifier: Apache-2.0
// Entries as they happen.
#include "server/operator/feed.hpp"

#include "server/operator/limits.hpp"
#include "tests/server/operator/page_bench.hpp"

using namespace purse;
using namespace purse::server;
using namespace purse::test;

namespace {
/// The ids of the events in what came on a stream.
std::vector<std::int64_t> ids(const std::string& text)
{
    std::vector<std::int64_t> found;
    for (auto at = text.find("id: "); at != std::string::npos; at = text.find("id: ", at + 1))
        found.push_back(std::stoll(text.substr(at + 4)));
    return found;
}

void write_entries(PageBench& bench, int count)
{
    bench.purse.run([&](Books& books) {
        for (int i = 0; i < count; ++i) {
            books.freeze("all", "x");
            books.unfreeze("all");
        }
        return 0;
    });
}
}  // namespace

TEST_CASE("feed: greets, then tells of each new entry once, in order")
{
    PageBench bench;
    bench.sign_in();
    const auto stream = bench.get("/operator/api/events");
    REQUIRE(stream->is_open());
    const auto seq = bench.purse.entries();
    CHECK(stream->taken() == "event: hello\ndata: {\"seq\":" + std::to_string(seq) + "}\n\n");
    bench.purse.hold("1");
    bench.purse.hold("1");
    bench.elapse();
    bench.elapse();
    CHECK(ids(stream->taken()) == std::vector<std::int64_t>{seq + 1, seq + 2});
    bench.elapse();
    bench.elapse();
    CHECK(stream->taken().empty());
}

TEST_CASE("feed: goes on after the entry that was seen last")
{
    PageBench bench;
    bench.sign_in();
    const auto seq = bench.purse.entries();
    CHECK(ids(bench.get("/operator/api/events?from=1")->taken()).size() ==
          static_cast<std::size_t>(seq - 1));
    auto back = bench.request("GET", "/operator/api/events?from=1", true);
    back.set("last-event-id", std::to_string(seq - 1));
    bench.elapse();
    CHECK(ids(bench.send(back)->taken()) == std::vector<std::int64_t>{seq});
    bench.elapse();
    // From the future: nothing, and no harm.
    const auto ahead = bench.get("/operator/api/events?from=99999");
    CHECK(ids(ahead->taken()).empty());
    bench.purse.hold("1");
    bench.elapse();
    bench.elapse();
    CHECK(ids(ahead->taken()) == std::vector<std::int64_t>{seq + 1});
}

TEST_CASE("feed: this process's own decisions wake it; only when somebody watches")
{
    PageBench bench;
    bench.sign_in();
    bench.purse.hold("1");
    bench.page.note_news();
    const auto before = bench.till.pieces;
    bench.page.deliver_news();
    bench.run();
    CHECK(bench.till.pieces == before);

    const auto stream = bench.get("/operator/api/events");
    bench.elapse(kFeedPauseMin);
    stream->taken();
    bench.purse.hold("1");
    bench.page.note_news();
    bench.page.deliver_news();
    bench.run();
    CHECK(ids(stream->taken()).size() == 1);
    // Nothing was decided since: a commit alone is no news.
    const auto looked = bench.till.pieces;
    bench.page.deliver_news();
    bench.run();
    CHECK(bench.till.pieces == looked);
}

TEST_CASE("feed: a burst comes in bounded parts, and a stream far behind is told of the gap")
{
    PageBench bench;
    bench.sign_in();
    const auto stream = bench.get("/operator/api/events");
    stream->taken();
    const auto seq = bench.purse.entries();
    write_entries(bench, 250);
    bench.elapse();
    const auto first = ids(stream->taken());
    CHECK(first.size() <= kFeedEntriesMax);
    CHECK(first.front() == seq + 1);
    for (int i = 0; i < 8; ++i) bench.elapse();
    CHECK(ids(stream->taken()).back() == bench.purse.entries());

    const auto missed = bench.purse.entries() + 1;
    write_entries(bench, 2'000);
    bench.elapse();
    const auto text = stream->taken();
    const auto oldest = bench.purse.entries() - static_cast<std::int64_t>(kFeedBehindMax) + 1;
    CHECK_THAT(text, Catch::Contains("event: gap\nid: " + std::to_string(oldest - 1) +
                                     "\ndata: {\"from\":" + std::to_string(missed) +
                                     ",\"to\":" + std::to_string(oldest - 1) + "}"));
    for (int i = 0; i < 30; ++i) bench.elapse();
    CHECK(ids(stream->taken()).back() == bench.purse.entries());
}

TEST_CASE("feed: so many streams at once and no more, and one that leaves makes room")
{
    PageBench bench;
    bench.sign_in();
    std::vector<PageBench::PeerPtr> streams;
    for (std::size_t i = 0; i < kFeedStreamsMax; ++i)
        streams.push_back(bench.get("/operator/api/events"));
    CHECK(streams.back()->is_open());
    CHECK(bench.get("/operator/api/events")->status() == 503);
    streams.front()->leave();
    CHECK(bench.get("/operator/api/events")->is_open());
}

TEST_CASE("feed: one look serves all streams, and nobody is looked for when all have left")
{
    PageBench bench;
    bench.sign_in();
    const auto one = bench.get("/operator/api/events");
    const auto two = bench.get("/operator/api/events");
    bench.elapse();
    bench.elapse();
    const auto before = bench.till.pieces;
    bench.purse.hold("1");
    bench.elapse();
    CHECK(bench.till.pieces == before + 1);
    CHECK(ids(one->taken()) == ids(two->taken()));
    one->leave();
    two->leave();
    bench.elapse();
    bench.elapse();
    const auto after = bench.till.pieces;
    bench.elapse();
    bench.elapse();
    CHECK(bench.till.pieces == after);
}

TEST_CASE("feed: the server's end says so")
{
    PageBench bench;
    bench.sign_in();
    const auto stream = bench.get("/operator/api/events");
    bench.page.stopping();
    CHECK_THAT(stream->taken(), Catch::Contains("event: bye"));
    CHECK(stream->ends == 1);
    CHECK(bench.get("/operator/api/events")->status() == 503);
}

TEST_CASE("feed: quiet streams are kept alive with comments")
{
    PageBench bench;
    bench.sign_in();
    const auto stream = bench.get("/operator/api/events");
    stream->taken();
    for (std::size_t i = 0; i < kFeedKeepAliveTicks + 1; ++i) bench.page.tick();
    CHECK(stream->taken() == ":\n\n");
}

// SPDX-License-Identifier: Apache-2.0
// Requests of clients through the whole door, with made-up exchanges. Every exchange is answered
// once or streams, statuses are statuses, headers are whole lines, bodies are what their type says,
// and when all is over nothing is left.
#include <cstdint>
#include <vector>

#include "tests/fuzz/door_script.hpp"
#include "tests/fuzz/door_world.hpp"
#include "tests/fuzz/exchange_checks.hpp"

namespace {
using namespace purse;
using fuzz::check;

void play(std::string_view text)
{
    fuzz::DoorWorld world;
    for (int steps = 0; !text.empty() && steps < 100; ++steps) {
        const auto step = fuzz::take_step(text, world.last_session, world.last_sse);
        if (step.request)
            world.send(*step.request);
        else
            world.act(step.act);
    }
    world.end();
    for (const auto& peer : world.peers) {
        fuzz::check_answer(*peer);
        check(peer->answers == 1 || peer->has_left, "every exchange is answered");
        check(!peer->is_open(), "every stream ends with the server");
        check(peer.use_count() == 1, "nothing is left over");
    }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    play({reinterpret_cast<const char*>(data), size});
    return 0;
}

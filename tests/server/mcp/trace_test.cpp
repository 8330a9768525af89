// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/trace.hpp"

#include <catch2/catch.hpp>
#include <string>

using purse::server::TraceParent;

TEST_CASE("trace: the parts of a traceparent")
{
    // The example of W3C Trace Context, section 3.2.
    const TraceParent trace{"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"};
    CHECK(trace.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(trace.parent_id == "00f067aa0ba902b7");
    CHECK(trace.flags == "01");
}

TEST_CASE("trace: what is not well-formed is none")
{
    for (const auto* text : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                             "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                             "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                             "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                             "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                             "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
                             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-"})
        CHECK(TraceParent{text}.is_empty());
}

// SPDX-License-Identifier: Apache-2.0
#include "server/http/admission.hpp"

#include <catch2/catch.hpp>

using namespace purse::server::http;

TEST_CASE("admission: so many in all, so many of one address")
{
    const Limits limits{.connections_max = 6, .connections_per_address_max = 2};
    Admission admission{limits};
    const Remote near{.address = "127.0.0.1", .loopback = true};
    const Remote far{.address = "10.0.0.1"};
    const Remote other{.address = "10.0.0.2"};

    CHECK(admission.enter(far));
    CHECK(admission.enter(far));
    CHECK_FALSE(admission.enter(far));
    CHECK(admission.enter(other));
    for (int i = 0; i < 3; ++i) CHECK(admission.enter(near));
    CHECK_FALSE(admission.enter(near));
    CHECK_FALSE(admission.enter(other));

    admission.leave(near);
    CHECK_FALSE(admission.enter(far));
    admission.leave(far);
    CHECK(admission.enter(far));
    CHECK_FALSE(admission.enter(far));
    CHECK(admission.enter(near));
    CHECK_FALSE(admission.enter(near));
}

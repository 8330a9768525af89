// SPDX-License-Identifier: Apache-2.0
// The scenes of the demo. Whatever the purse says in them is its own, unedited text.
#pragma once

#include "examples/demo_agent.hpp"
#include "examples/demo_stage.hpp"

namespace purse::demo {

/// Issues a credential to every agent of the policy, as an operator would.
void hand_out_credentials(Stage& stage, const Place& place);

void four_paid_services(Stage& stage, Agent& analyst);
void a_price_above_the_ceiling(Stage& stage, Agent& analyst);
void a_stranger_wants_money(Stage& stage, Agent& analyst);
void a_call_repeated_for_ever(Stage& stage, Agent& analyst);
void a_bill_above_the_hold(Stage& stage, Agent& analyst);
void a_call_that_never_returns(Stage& stage, Agent& analyst);
void a_person_is_asked(Stage& stage, const Place& place, Agent& analyst);
void the_operator_stops_an_agent(Stage& stage, const Place& place, Agent& analyst);
void ten_agents_at_once(Stage& stage, const Place& place);
void what_the_operator_sees(Stage& stage, const Place& place);

}  // namespace purse::demo

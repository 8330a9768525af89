// SPDX-License-Identifier: Apache-2.0
// Approval rows whose every call may fail, in front of real ones; a part of FaultTx.
#pragma once

#include <functional>
#include <utility>

#include "ledger/approval_rows.hpp"

namespace purse::test {

class FaultApprovalRows final : public ApprovalRows {
public:
    /// `pass` is called before each call and throws when that one is to fail.
    FaultApprovalRows(ApprovalRows& real, std::function<void()> pass)
        : real_{real},
          pass_{std::move(pass)}
    {
    }

    void insert(const Approval& row, std::string_view agent) override { on().insert(row, agent); }
    std::optional<Approval> find(std::int64_t seq) override { return on().find(seq); }
    void decide(const Approval& row) override { on().decide(row); }
    std::vector<Approval> waiting(std::size_t count_max) override
    {
        return on().waiting(count_max);
    }
    std::vector<Approval> decided(std::size_t count_max) override
    {
        return on().decided(count_max);
    }
    std::int64_t count_waiting(std::string_view agent) override
    {
        return on().count_waiting(agent);
    }

private:
    ApprovalRows& on()
    {
        pass_();
        return real_;
    }

    ApprovalRows& real_;
    std::function<void()> pass_;
};

}  // namespace purse::test

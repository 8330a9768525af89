// SPDX-License-Identifier: Apache-2.0
// A desk at which the program is killed at chosen calls: what it has acknowledged, and what must
// therefore be in the ledger.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/crash/program.hpp"
#include "tests/crash/surroundings.hpp"

namespace purse::test {

/// What was acknowledged on one ledger.
struct Acknowledged {
    struct Held {
        std::int64_t amount = 0;
        std::string key;  ///< may be empty
        std::string state = "open";
        std::int64_t captured = 0;
    };
    std::map<std::string, Held> holds;  ///< by txId
    std::int64_t refused = 0;           ///< requests whose answer was a refusal

    /// What of it the ledger in `folder` has not, has twice, or has otherwise; empty: all is well.
    std::string compare(const std::string& folder) const;
};

/// Something went another way than it must.
struct Mistake : std::runtime_error {
    using std::runtime_error::runtime_error;
};
void expect(bool good, const std::string& what);

class KillDesk {
public:
    using Object = boost::json::object;

    KillDesk(const std::string& program, const std::string& library, const std::string& folder);

    Program& program() noexcept { return program_; }
    Surroundings& around() noexcept { return around_; }
    Acknowledged& known() noexcept { return known_; }

    /// The agent's server; started, and its ledger open, when there is none.
    Server& server(const std::string& agent = "painter");
    /// Ends it in peace.
    void close_server();

    /// What was armed happens to a call of the server, which runs: true when it was killed by it.
    bool strike_call(const std::string& tool, const Object& arguments);
    /// The same, of a server that has nothing to do.
    bool strike_idle();
    /// The same, of a command.
    bool strike_command(const std::vector<std::string>& words);

    /// A payment that is held by the painter, and known.
    std::string take(const Object& more = {});
    /// One that waits for a person: its txId; asked for with its key.
    std::string take_waiting(const std::string& its_key);
    static Object hold_of(const std::string& amount, const std::string& its_key);
    std::string new_key() { return "k" + std::to_string(++keys_); }
    /// A folder of its own for a further desk.
    std::string new_folder();
    /// Notes a hold that an answer speaks of. Throws Mistake when it is no such answer.
    std::string hear_held(const Object& answer, const std::string& its_key);

    // What acts hand on from their preparation to their end.
    std::string key;
    std::string tx;
    std::int64_t count = 0;
    std::unique_ptr<Program> other;
    Acknowledged other_known;

private:
    bool was_killed(Child& child);
    void hear(const Object& answer, const Object& arguments);

    std::string folder_;
    Program program_;
    Surroundings around_;
    Acknowledged known_;
    std::unique_ptr<Server> server_;
    std::string serves_;
    std::int64_t keys_ = 0;
    int folders_ = 0;
};

/// One kind of commit.
struct KillAct {
    std::string name;
    std::function<void(KillDesk&)> prepare;
    /// With the surroundings armed; true: it was killed.
    std::function<bool(KillDesk&)> strike;
    /// Starts again, repeats what was not answered, and looks. Throws Mistake.
    std::function<void(KillDesk&)> resolve;
    std::string file{};  ///< where the blow falls: how the path ends; empty: anywhere
};

std::vector<KillAct> agents_acts();
std::vector<KillAct> approval_acts();
std::vector<KillAct> operators_acts();
std::vector<KillAct> files_acts();

}  // namespace purse::test

// SPDX-License-Identifier: Apache-2.0
// Who is let in: remembers verdicts on credentials, by their SHA-256, and counts bad attempts of
// each address. Lives on the I/O thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ledger/hash.hpp"
#include "server/door/bad_attempts.hpp"
#include "tools/identity.hpp"

namespace purse::server {

/// Port: who knows credentials. `reply` may come at once or later, on any thread.
class Registrar {
public:
    virtual ~Registrar() = default;
    virtual void identify(std::string credential, tools::IdentityReply reply) = 0;
};

/// What is known of one credential.
struct Verdict {
    tools::Identity identity;
    std::string principal;  ///< SHA-256 of the credential, in bytes: names the caller in tables

    bool passes() const { return !identity.refused; }
};

class Gate {
public:
    /// `post` brings work to the I/O thread.
    using Post = std::function<void(std::move_only_function<void()>)>;
    Gate(Registrar& registrar, Post post) : registrar_{registrar}, post_{std::move(post)} {}

    /// The verdict that is remembered; nullptr: wait() for one.
    const Verdict* look(std::string_view credential);
    /// Calls back with the verdict, later. False: too many wait already.
    using Entered = std::move_only_function<void(const Verdict&)>;
    bool wait(std::string_view credential, Entered entered);

    /// Whether that address has tried too many bad credentials of late.
    bool is_throttled(const std::string& address) const { return bad_.is_throttled(address); }
    void count_bad(const std::string& address) { bad_.count(address); }

    void tick();

private:
    struct Known {
        Verdict verdict;
        std::size_t asked_at = 0;  ///< tick of the question this verdict answers
        bool is_known = false;     ///< there is a verdict
        bool is_asking = false;    ///< and a newer one is under way
        std::vector<Entered> waiting;
    };
    void ask(const std::string& principal, std::string credential);
    void arrive(const std::string& principal, std::size_t asked_at, tools::Identity identity);
    void make_room();

    Registrar& registrar_;
    Post post_;
    std::unordered_map<std::string, Known> known_;
    BadAttempts bad_;
    std::size_t waiting_ = 0;
    std::size_t now_ = 0;  // in ticks
};

}  // namespace purse::server

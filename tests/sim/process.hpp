// SPDX-License-Identifier: Apache-2.0
// One process of the purse on the shared ledger file: the real tools, ledger and store, with a
// till that runs the work on this thread when it is told to.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ledger/ledger.hpp"
#include "ledger/sqlite/store.hpp"
#include "tests/sim/call.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fault_store.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tools/toolbox.hpp"

namespace purse::sim {

/// The policy file that every process watches.
struct PolicyFile {
    std::string text;
    int version = 0;  ///< 0: there is none
};

class Process {
public:
    struct World {
        std::string folder;
        const Clock& clock;
        const PolicyFile& file;
        const HeadSigner* signer = nullptr;
        const Funding* funding = nullptr;  ///< of the rail that pays over a chain
    };
    Process(const World& world, std::uint64_t seed);

    /// Hands the call to the tools; it waits for commit().
    void submit(Call& call);
    bool has_work() const { return !till_.queue.empty(); }
    /// All that waits, in one transaction. False: the process has died in it (StoreCrash).
    bool commit();
    /// One piece alone; throws StoreError.
    void transact(const std::function<void(Books&)>& run) { ledger_.transact(run); }
    void idle() noexcept { ledger_.idle(); }

    test::FaultStore& store() { return faults_; }
    Instant now() const { return ledger_.now(); }
    /// The ledger is closed for good: only a new process can go on.
    bool is_closed = false;

private:
    struct QueueTill final : tools::Till {
        bool submit(Work& work) override
        {
            queue.push_back(std::move(work));
            return true;
        }
        std::vector<Work> queue;
    };
    struct FileSource final : tools::PolicySource {
        explicit FileSource(const PolicyFile& with) : file{with} {}
        std::optional<std::expected<tools::PolicyText, std::string>> changed() override;
        const PolicyFile& file;
        int seen = 0;
    };
    struct DeafAlarm final : tools::Alarm {
        void warn(std::string_view) override {}
    };
    void watch(Call& call, Work& work);

    test::SeededEntropy entropy_;
    sqlite::SqliteStore store_;
    test::FaultStore faults_{store_};
    Ledger ledger_;
    QueueTill till_;
    FileSource source_;
    DeafAlarm alarm_;
    tools::PurseToolbox box_;
};

}  // namespace purse::sim

// SPDX-License-Identifier: Apache-2.0
#include "server/app.hpp"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <thread>

#include "ledger/ledger.hpp"
#include "ledger/sqlite/store.hpp"
#include "ledger/system/clock.hpp"
#include "ledger/system/head_key.hpp"
#include "ledger/writer.hpp"
#include "policy/document.hpp"
#include "server/policy_file.hpp"
#include "server/stdio/stdio.hpp"
#include "server/toolbox_catalog.hpp"
#include "server/version.hpp"
#include "tools/toolbox.hpp"

namespace purse::server {

namespace {
static_assert(std::string_view{kLedgerFile} == sqlite::kLedgerFile,
              "doctor and store mean the same file");

/// Starts the writer with the first piece of work: a process that is asked nothing does nothing.
class LazyTill final : public tools::Till {
public:
    LazyTill(Ledger& ledger, AroundAnswers around) : ledger_{ledger}, around_{std::move(around)} {}

    bool submit(Work& work) override
    {
        if (!writer_)
            writer_.emplace(ledger_, Writer::Settings{.looks_before_sleep = looks(),
                                                      .around_answers = around_});
        return writer_->submit(work);
    }
    void finish() { writer_.reset(); }

private:
    // About 50 microseconds, the time in which an agent that has its answer sends the next call.
    static int looks() { return std::thread::hardware_concurrency() > 1 ? 4000 : 0; }

    Ledger& ledger_;
    AroundAnswers around_;
    std::optional<Writer> writer_;
};

class LogAlarm final : public tools::Alarm {
public:
    explicit LogAlarm(Log& log) : log_{log} {}
    void warn(std::string_view what) override { log_.warn(what); }

private:
    Log& log_;
};

/// SIGTERM and SIGINT as something to poll. They stay blocked in every thread started later.
class StopSignals {
public:
    StopSignals()
    {
        sigemptyset(&set_);
        sigaddset(&set_, SIGTERM);
        sigaddset(&set_, SIGINT);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
        fd_ = ::signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK);
    }
    ~StopSignals()
    {
        if (fd_ >= 0) ::close(fd_);
    }
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    int fd() const noexcept { return fd_; }

private:
    sigset_t set_{};
    int fd_ = -1;
};

std::string session_name(Entropy& entropy)
{
    std::array<std::uint8_t, 8> bytes{};
    entropy.fill(bytes);
    return "stdio-" + to_base32(bytes);
}
}  // namespace

std::optional<std::string> process_environment(const char* name)
{
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

struct App::Parts {
    explicit Parts(const Settings& settings)
        : log{settings.log_level},
          head_key{settings.head_key_file()},
          store{{.folder = settings.state_folder}},
          ledger{store, clock, entropy, &head_key},
          reader{store, clock, entropy, nullptr}
    {
    }

    Log log;
    system::SystemClock clock;
    system::SystemEntropy entropy;
    system::FileHeadKey head_key;
    sqlite::SqliteStore store;
    Ledger ledger;
    Ledger reader;  // signs nothing: looking leaves no trace
};

App::App(Settings settings)
    : settings_{std::move(settings)},
      parts_{std::make_unique<Parts>(settings_)}
{
}

App::~App() = default;

int App::serve_stdio()
{
    ::signal(SIGPIPE, SIG_IGN);
    const StopSignals stop;
    const auto outbox = std::make_shared<Outbox>(STDOUT_FILENO);
    LazyTill till{parts_->ledger,
                  {.before = [&] { outbox->hold(); }, .after = [&] { outbox->release(); }}};
    PolicyFile policy{settings_.policy_file};
    LogAlarm alarm{parts_->log};
    tools::PurseToolbox toolbox{{.till = till, .source = policy, .alarm = alarm}};
    ToolboxCatalog catalog{toolbox, kVersion};
    Protocol protocol{{.catalog = catalog,
                       .entropy = parts_->entropy,
                       .clock = parts_->clock,
                       .log = parts_->log}};
    Session session{protocol,
                    {.caller = {.credential = settings_.credential,
                                .session = session_name(parts_->entropy),
                                .client = {}},
                     .negotiated = {},
                     .abilities = {}}};
    run_stdio(session, outbox, {.in_fd = STDIN_FILENO, .stop_fd = stop.fd()}, parts_->log);
    // The writer ends before what its last answers went through.
    till.finish();
    return 0;
}

void App::change(const std::function<void(Books&)>& run)
{
    parts_->ledger.transact(run);
}

void App::look(const std::function<void(Books&)>& run)
{
    parts_->reader.transact(run);
}

Instant App::now() const
{
    return parts_->clock.wall();
}

Entropy& App::entropy() noexcept
{
    return parts_->entropy;
}

std::expected<std::int64_t, std::string> App::adopt_policy()
{
    std::int64_t version = 0;
    if (settings_.policy_file.empty()) {
        look([&](Books& books) { version = books.meta().policy_version; });
        return version;
    }
    const auto text = PolicyFile::read(settings_.policy_file);
    if (!text) return std::unexpected{text.error()};
    if (const auto document = policy::parse_document(text->text); !document)
        return std::unexpected{"the policy " + text->source + " has mistakes:\n" +
                               policy::to_string(document.error())};
    change([&](Books& books) { version = books.apply_policy(text->text, text->source); });
    return version;
}

}  // namespace purse::server

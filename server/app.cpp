// SPDX-License-Identifier: Apache-2.0
#include "server/app.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include "ledger/ledger.hpp"
#include "ledger/sqlite/store.hpp"
#include "ledger/system/clock.hpp"
#include "ledger/system/head_key.hpp"
#include "ledger/writer.hpp"
#include "policy/document.hpp"
#include "server/bookkeepers.hpp"
#include "server/file_turn.hpp"
#include "server/http_service.hpp"
#include "server/operator/address.hpp"
#include "server/policy_file.hpp"
#include "server/shadow/worker.hpp"
#include "server/stdio/stdio.hpp"
#include "server/toolbox_catalog.hpp"
#include "server/version.hpp"
#include "server/wallet/wallet_service.hpp"
#include "server/webhook/limits.hpp"
#include "server/webhook/worker.hpp"
#include "tools/policy_text.hpp"
#include "tools/toolbox.hpp"
#include "wallet/rpc/http_transport.hpp"

namespace purse::server {

namespace {
static_assert(std::string_view{kLedgerFile} == sqlite::kLedgerFile,
              "doctor and store mean the same file");

/// Starts the writer with the first piece of work: a process that is asked nothing does nothing.
/// Any thread may submit.
class LazyTill final : public tools::Till {
public:
    LazyTill(Ledger& ledger, Writer::Settings settings)
        : ledger_{ledger},
          settings_{std::move(settings)}
    {
        settings_.looks_before_sleep = looks();
    }

    bool submit(Work& work) override
    {
        std::call_once(once_, [this] { writer_.emplace(ledger_, settings_); });
        return writer_->submit(work);
    }
    void finish() { writer_.reset(); }

private:
    // About 50 microseconds, the time in which an agent that has its answer sends the next call.
    static int looks() { return std::thread::hardware_concurrency() > 1 ? 4000 : 0; }

    Ledger& ledger_;
    Writer::Settings settings_;
    std::once_flag once_;
    std::optional<Writer> writer_;
};

class ToolboxRegistrar final : public Registrar {
public:
    explicit ToolboxRegistrar(tools::PurseToolbox& toolbox) : toolbox_{toolbox} {}
    void identify(std::string credential, tools::IdentityReply reply) override
    {
        toolbox_.identify(std::move(credential), std::move(reply));
    }

private:
    tools::PurseToolbox& toolbox_;
};

/// Counts the open holds, and so shows that the ledger can be opened and locked.
class TillProbe final : public LedgerProbe {
public:
    explicit TillProbe(tools::Till& till) : till_{till} {}
    void probe(Reply reply) override
    {
        struct State {
            Reply reply;
            std::size_t holds = 0;
        };
        auto state = std::make_shared<State>(State{.reply = std::move(reply)});
        Work work{.run =
                      [state](Books& books) {
                          state->holds =
                              books.rows().due_holds(Instant::never(), kProbedHoldsMax).size();
                      },
                  .done =
                      [state](const std::optional<LedgerFault>& fault) {
                          state->reply(fault ? std::nullopt : std::optional{state->holds});
                      }};
        if (!till_.submit(work)) state->reply(std::nullopt);
    }

private:
    // Counting more would keep payments waiting.
    static constexpr std::size_t kProbedHoldsMax = 100'000;
    tools::Till& till_;
};

class LogAlarm final : public tools::Alarm {
public:
    explicit LogAlarm(Log& log) : log_{log} {}
    void warn(std::string_view what) override { log_.warn(what); }

private:
    Log& log_;
};

/// Names the page of whatever server has one, this or another on the same ledger.
class PageOfState final : public tools::ApprovalPage {
public:
    explicit PageOfState(const Settings& settings) : settings_{settings} {}
    std::string link(std::string_view tx_id) const override
    {
        const auto base = operator_url(settings_);
        return base ? operator_page_url(*base) + "#/holds/" + std::string{tx_id} : std::string{};
    }

private:
    const Settings& settings_;
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

// What is open besides connections: the ledger and its log, locks, listener, standard streams.
constexpr std::size_t kOtherDescriptors = 64;

// How often something is looked for that comes seldom.
constexpr int kTickMs = 500;

// 0 when a signal asked; 1 when the server has ended by itself.
int wait_for_end(int stop_fd, int ended_fd, const std::function<void()>& tick)
{
    std::array<pollfd, 2> fds{{{stop_fd, POLLIN, 0}, {ended_fd, POLLIN, 0}}};
    while (fds[0].revents == 0 && fds[1].revents == 0)
        if (::poll(fds.data(), fds.size(), kTickMs) == 0) tick();
    return fds[0].revents != 0 ? 0 : 1;
}

/// As many descriptors as the system allows: each connection is one. Returns how many.
std::size_t raise_descriptor_limit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    const rlimit raised{.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

// Connections beyond what the system gives would fail one by one; refused at the door, they are
// told when to come back.
void fit_descriptors(HttpSettings& settings, Log& log)
{
    const auto have = raise_descriptor_limit();
    auto& connections = settings.server.limits.connections_max;
    if (have >= connections + kOtherDescriptors) return;
    connections = have > 2 * kOtherDescriptors ? have - kOtherDescriptors : kOtherDescriptors;
    log.warn("the system allows " + std::to_string(have) + " open files (ulimit -Hn), so at most " +
             std::to_string(connections) + " connections are taken");
}

std::string webhook_lock(const Settings& settings)
{
    return settings.state_folder + "/" + kWebhookLockFile;
}

std::string shadow_lock(const Settings& settings)
{
    return settings.state_folder + "/" + kShadowLockFile;
}

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

/// All that one serving process consists of, in the order in which it may be taken apart.
struct App::Service {
    Service(Parts& parts, const Settings& settings, const ServeSettings& what)
        : outbox{what.stdio ? std::make_shared<Outbox>(STDOUT_FILENO) : nullptr},
          till{parts.ledger,
               {.around_answers = {.before = [this] { hold(); }, .after = [this] { release(); }},
                .observer = &metrics}},
          policy{settings.policy_file},
          alarm{parts.log},
          payouts{WalletService::find({.till = till,
                                       .clock = parts.clock,
                                       .entropy = parts.entropy,
                                       .log = parts.log,
                                       .environment = process_environment},
                                      settings)},
          approval_page{settings},
          toolbox{{.till = till,
                   .source = policy,
                   .alarm = alarm,
                   .funding = payouts ? &payouts->funding() : nullptr,
                   .page = &approval_page,
                   .signer = &parts.head_key}},
          catalog{toolbox, kVersion,
                  [this](const tools::Result& result) {
                      metrics.count_decision(result);
                      if (page() != nullptr) page()->note_news();
                  }},
          protocol{{.catalog = catalog,
                    .entropy = parts.entropy,
                    .clock = parts.clock,
                    .log = parts.log}},
          registrar{toolbox},
          probe{till},
          worker_books{till},
          webhooks{
              {.lock_file = webhook_lock(settings),
               .ports = {.books = worker_books,
                         .clock = parts.clock,
                         .entropy = parts.entropy,
                         .log = parts.log,
                         .crash = CrashPoint{process_environment("PURSE_CRASH_AT").value_or("")},
                         .open = open_webhook}}},
          shadow{{.lock_file = shadow_lock(settings),
                  .ports = {.books = worker_books,
                            .entropy = parts.entropy,
                            .log = parts.log,
                            .scratch = scratch}}}
    {
        if (!what.http) return;
        http = std::make_unique<HttpService>(
            HttpService::Ports{.protocol = protocol,
                               .registrar = registrar,
                               .ledger = probe,
                               .metrics = metrics,
                               .entropy = parts.entropy,
                               .clock = parts.clock,
                               .log = parts.log,
                               .till = till,
                               .rail = payouts != nullptr ? Rail::evm : Rail::book},
            *what.http, session_key(settings, parts.head_key));
    }

    // Session ids must survive this process and be known to its neighbours on the same ledger: the
    // key follows from one that they share. Ed25519 signs one text always alike (RFC 8032, 5.1.6).
    static std::string session_key(const Settings& settings, const HeadSigner& head_key)
    {
        std::filesystem::create_directories(settings.state_folder);
        const auto digest = sha256({head_key.sign("purse: key of HTTP session ids, 1")});
        return std::string{as_bytes(digest)};
    }

    void hold()
    {
        if (outbox != nullptr) outbox->hold();
        if (http != nullptr) http->mailbox().hold();
    }
    void release()
    {
        if (outbox != nullptr) outbox->release();
        if (http != nullptr) http->mailbox().release();
        if (page() != nullptr) page()->deliver_news();
    }
    /// Now and then, for what comes seldom.
    void tick()
    {
        webhooks.tick();
        shadow.tick();
    }
    OperatorPage* page() { return http != nullptr ? http->operator_page() : nullptr; }

    Metrics metrics;
    std::shared_ptr<Outbox> outbox;
    std::unique_ptr<HttpService> http;
    LazyTill till;
    PolicyFile policy;
    LogAlarm alarm;
    std::unique_ptr<WalletService> payouts;  // nullptr: the book rail
    PageOfState approval_page;
    tools::PurseToolbox toolbox;
    ToolboxCatalog catalog;
    Protocol protocol;
    ToolboxRegistrar registrar;
    TillProbe probe;
    TillBookkeeper worker_books;
    WebhookWorker webhooks;
    ShadowWorker shadow;
};

int App::serve(ServeSettings what, const std::function<void(const std::string&)>& announce)
{
    ::signal(SIGPIPE, SIG_IGN);
    const StopSignals stop;
    if (what.http) fit_descriptors(*what.http, parts_->log);
    Service service{*parts_, settings_, what};
    std::optional<OperatorUrlFile> url;
    if (service.http != nullptr) {
        service.http->start();
        if (service.page() != nullptr) url.emplace(settings_, service.http->operator_base());
        announce(service.http->base());
    }
    // A wallet that cannot be used ends the process, as a signal would: nothing that was asked is
    // lost, and nothing more is promised.
    std::atomic<bool> wallet_refused = false;
    if (service.payouts != nullptr)
        service.payouts->start([this, &wallet_refused](const std::string& why) {
            parts_->log.error("the wallet cannot be used: " + why);
            wallet_refused = true;
            ::kill(::getpid(), SIGTERM);
        });
    int exit_code = 0;
    if (what.stdio) {
        Session session{service.protocol,
                        {.caller = {.credential = settings_.credential,
                                    .session = session_name(parts_->entropy),
                                    .client = {}},
                         .negotiated = {},
                         .abilities = {}}};
        run_stdio(session, service.outbox,
                  {.in_fd = STDIN_FILENO,
                   .stop_fd = stop.fd(),
                   // The door ticks already where there is one.
                   .tick =
                       [&service] {
                           if (service.http == nullptr) service.protocol.tick();
                           service.tick();
                       },
                   .ending = [&service] { service.catalog.stop_waiting(); }},
                  parts_->log);
    } else {
        exit_code =
            wait_for_end(stop.fd(), service.http->ended_fd(), [&service] { service.tick(); });
    }
    service.catalog.stop_waiting();
    if (service.http != nullptr) service.http->stop();
    service.webhooks.stop();
    service.shadow.stop();
    if (service.payouts != nullptr) service.payouts->stop();
    // The writer ends before what its last answers went through.
    service.till.finish();
    return wallet_refused ? 1 : exit_code;
}

int App::pay(PayoutWorker::Until until)
{
    ::signal(SIGPIPE, SIG_IGN);
    return run_payouts({.ledger = parts_->ledger,
                        .clock = parts_->clock,
                        .entropy = parts_->entropy,
                        .log = parts_->log,
                        .environment = process_environment},
                       settings_, until);
}

std::expected<std::unique_ptr<HttpPoster>, std::string> App::open_webhook(const std::string& url)
{
    auto endpoint = Endpoint::parse(url);
    if (!endpoint) return std::unexpected{"the URL " + endpoint.error()};
    return http_poster(
        std::move(*endpoint),
        {.timeout = kWebhookTimeout, .body_bytes_max = kWebhookAnswerBytesMax, .ca_file = {}});
}

void App::announce_webhooks()
{
    const FileTurn file{webhook_lock(settings_)};
}

void App::announce_shadow()
{
    const FileTurn file{shadow_lock(settings_)};
}

bool App::deliver_webhooks()
{
    ::signal(SIGPIPE, SIG_IGN);
    LazyTill till{parts_->ledger, {}};
    TillBookkeeper books{till};
    WebhookWorker worker{
        {.lock_file = webhook_lock(settings_),
         .ports = {.books = books,
                   .clock = parts_->clock,
                   .entropy = parts_->entropy,
                   .log = parts_->log,
                   .crash = CrashPoint{process_environment("PURSE_CRASH_AT").value_or("")},
                   .open = open_webhook}}};
    const bool is_ours = worker.deliver_once();
    till.finish();
    return is_ours;
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

const Clock& App::clock() const noexcept
{
    return parts_->clock;
}

Entropy& App::entropy() noexcept
{
    return parts_->entropy;
}

std::unique_ptr<Store> App::scratch()
{
    return std::make_unique<sqlite::SqliteStore>(sqlite::SqliteStore::Settings{.folder = {}});
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
    if (const auto document = tools::check_policy_text(text->text); !document)
        return std::unexpected{"the policy " + text->source + " has mistakes:\n" +
                               to_string(document.error())};
    change([&](Books& books) { version = books.apply_policy(text->text, text->source); });
    return version;
}

}  // namespace purse::server

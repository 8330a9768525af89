// SPDX-License-Identifier: Apache-2.0
#include "policy/document.hpp"

#include <algorithm>
#include <iterator>

#include "ledger/require.hpp"
#include "policy/limits.hpp"
#include "policy/name.hpp"
#include "policy/reader.hpp"
#include "policy/rules_reader.hpp"

namespace purse::policy {

namespace {
using json::Value;

constexpr std::int64_t kVersion = 1;

constexpr Field<Service> kServiceFields[] = {
    {"payee", [](Reader& r, const Value& v, Service& s) { s.payee = r.address(v).value_or(""); },
     Need::required},
    {"ceiling", [](Reader& r, const Value& v, Service& s) { s.ceiling = r.money(v); }},
    {"category",
     [](Reader& r, const Value& v, Service& s) { s.category = r.name(v).value_or(""); }},
    {"description",
     [](Reader& r, const Value& v, Service& s) { s.description = r.description(v).value_or(""); }},
};

/// The members of the document; rules wait until all names are known.
struct Root {
    const Value* services = nullptr;
    const Value* budgets = nullptr;
    const Value* agents = nullptr;
};

void read_version(Reader& reader, const Value& value, Root&)
{
    const auto version = value.integer();
    if (version != kVersion)
        reader.wrong("is not a version this program reads", std::to_string(kVersion));
}

constexpr Field<Root> kRootFields[] = {
    {"$schema",
     [](Reader& r, const Value& v, Root&) { r.text(v, "the address of a JSON Schema"); }},
    {"version", read_version, Need::required},
    {"services", [](Reader&, const Value& v, Root& root) { root.services = &v; }},
    {"budgets", [](Reader&, const Value& v, Root& root) { root.budgets = &v; }},
    {"agents", [](Reader&, const Value& v, Root& root) { root.agents = &v; }},
};

/// Calls `read` for each member of an object of named things that has a proper name.
template <class Read>
void for_each_named(Reader& reader, const Value* value, std::size_t count_max, const Read& read)
{
    if (value == nullptr) return;
    const Reader::Step step{reader, value->key()};
    for (const auto& member : reader.object(*value, count_max)) {
        const Reader::Step inner{reader, member.key()};
        if (!is_name(member.key()))
            reader.wrong(quoted(member.key()) + " is not a name",
                         "1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit");
        else
            read(member);
    }
}
}  // namespace

/// Reads a document in three passes: names, rules, then what each agent is charged to.
class DocumentBuilder {
public:
    std::expected<std::shared_ptr<const Document>, Mistakes> build(const Value& root)
    {
        Root parts;
        if (read_fields(reader_, root, kRootFields, parts)) {
            read_catalogue(parts);
            read_all_rules(parts);
            find_circles();
            place_budgets();
            for (std::size_t i = 0; i < agent_count_; ++i) place_agent(i);
            index_agents();
        }
        if (!reader_.mistakes().empty()) return std::unexpected{reader_.take()};
        return std::move(document_);
    }

private:
    /// A node of the graph of shared budgets.
    enum class Mark : std::uint8_t { fresh, open, done };

    void read_catalogue(const Root& parts)
    {
        for_each_named(reader_, parts.services, limits::kServicesMax, [this](const Value& value) {
            Service service{.name = std::string{value.key()},
                            .payee = {},
                            .ceiling = {},
                            .category = {},
                            .description = {}};
            read_fields(reader_, value, kServiceFields, service);
            catalogue_.services.insert(value.key());
            if (const auto* category = value.find("category"))
                catalogue_.categories.insert(category->text());
            document_->services_.push_back(std::move(service));
        });
        for (const auto& service : document_->services_) {
            document_->service_by_name_.emplace(service.name, &service);
            document_->services_by_payee_[service.payee].push_back(&service);
        }
        if (parts.budgets == nullptr || !parts.budgets->is(json::Kind::object)) return;
        for (const auto& budget : parts.budgets->items()) catalogue_.budgets.insert(budget.key());
    }

    void read_all_rules(const Root& parts)
    {
        const auto read_into = [this](Holder holder) {
            return [this, holder](const Value& value) {
                drafts_.push_back(read_rules(reader_, {value, holder}, catalogue_));
            };
        };
        for_each_named(reader_, parts.budgets, limits::kBudgetsMax, read_into(Holder::shared));
        shared_count_ = drafts_.size();
        for (std::size_t i = 0; i < shared_count_; ++i) shared_by_name_.emplace(short_name(i), i);
        for_each_named(reader_, parts.agents, limits::kAgentsMax, read_into(Holder::agent));
        agent_count_ = drafts_.size() - shared_count_;
    }

    /// A shared budget's name without its prefix.
    std::string_view short_name(std::size_t draft) const
    {
        const std::string_view name = drafts_[draft].budget.name;
        return name.substr(name.find('/') + 1);
    }

    /// The drafts of the shared budgets that a draft names; those that were mistakes are left out.
    std::vector<std::size_t> shares_of(std::size_t draft) const
    {
        std::vector<std::size_t> shares;
        for (const auto name : drafts_[draft].shares)
            if (const auto found = shared_by_name_.find(name); found != shared_by_name_.end())
                shares.push_back(found->second);
        return shares;
    }

    void find_circles()
    {
        std::vector<Mark> marks(shared_count_, Mark::fresh);
        std::vector<std::size_t> trail;
        for (std::size_t i = 0; i < shared_count_; ++i) follow(i, marks, trail);
    }

    /// Depth first; no deeper than there are shared budgets (limits::kBudgetsMax).
    void follow(std::size_t draft, std::vector<Mark>& marks, std::vector<std::size_t>& trail)
    {
        if (marks[draft] == Mark::done) return;
        if (marks[draft] == Mark::open) return note_circle(draft, trail);
        marks[draft] = Mark::open;
        trail.push_back(draft);
        for (const auto next : shares_of(draft)) follow(next, marks, trail);
        trail.pop_back();
        marks[draft] = Mark::done;
    }

    void note_circle(std::size_t draft, const std::vector<std::size_t>& trail)
    {
        std::string words;
        for (auto at = std::ranges::find(trail, draft); at != trail.end(); ++at)
            words.append(short_name(*at)).append(" -> ");
        const Reader::Step budgets{reader_, "budgets"};
        const Reader::Step name{reader_, short_name(draft)};
        const Reader::Step member{reader_, "budgets"};
        reader_.wrong("goes in a circle: " + words.append(short_name(draft)),
                      "budgets that do not lead back");
    }

    void place_budgets()
    {
        for (auto& draft : drafts_) document_->budgets_.push_back(std::move(draft.budget));
        for (const auto& budget : document_->budgets_)
            document_->budget_by_name_.emplace(budget.name, &budget);
    }

    /// Everything that can be reached from an agent, each once, in document order.
    std::vector<std::size_t> reachable(std::size_t draft) const
    {
        auto found = shares_of(draft);
        for (std::size_t i = 0; i < found.size() && found.size() <= limits::kSharedBudgetsMax; ++i)
            for (const auto next : shares_of(found[i]))
                if (std::ranges::find(found, next) == found.end()) found.push_back(next);
        std::ranges::sort(found);
        return found;
    }

    void place_agent(std::size_t index)
    {
        const auto draft = shared_count_ + index;
        const auto& own = document_->budgets_[draft];
        Agent agent{
            .name = own.name.substr(own.name.find('/') + 1), .charged = {&own}, .charges = {}};
        for (const auto shared : reachable(draft))
            agent.charged.push_back(&document_->budgets_[shared]);
        if (agent.charged.size() > limits::kSharedBudgetsMax + 1) {
            const Reader::Step agents{reader_, "agents"};
            const Reader::Step name{reader_, agent.name};
            const Reader::Step member{reader_, "budgets"};
            reader_.wrong(
                "leads to more than " + std::to_string(limits::kSharedBudgetsMax) + " budgets",
                "at most " + std::to_string(limits::kSharedBudgetsMax) +
                    ", those of budgets included");
        }
        for (const auto* budget : agent.charged)
            for (const auto& rule : budget->caps)
                agent.charges.push_back(
                    {&rule, scope_of(rule, budget == &own ? Holder::agent : Holder::shared)});
        // Published order: by reason; within one the order in which they are charged.
        std::ranges::stable_sort(agent.charges, {},
                                 [](const Charge& charge) { return charge.rule->reason; });
        document_->agents_.push_back(std::move(agent));
    }

    static ScopeBy scope_of(const CapRule& rule, Holder holder)
    {
        if (rule.reason == Reason::loop_detected)
            return holder == Holder::agent ? ScopeBy::purchase : ScopeBy::agent_purchase;
        if (rule.kind == "perTask") return ScopeBy::task;
        if (rule.kind == "perWorkflow") return ScopeBy::workflow;
        if (rule.asks == Asks::when_unspent) return ScopeBy::payee;
        return ScopeBy::nothing;
    }

    void index_agents()
    {
        for (const auto& agent : document_->agents_)
            document_->agent_by_name_.emplace(agent.name, &agent);
    }

    Reader reader_;
    Catalogue catalogue_;
    std::vector<RulesDraft> drafts_;  // shared budgets first, then agents
    std::size_t shared_count_ = 0;
    std::size_t agent_count_ = 0;
    std::map<std::string, std::size_t, std::less<>> shared_by_name_;
    std::shared_ptr<Document> document_{new Document};
};

namespace {
template <class Map>
auto lookup(const Map& map, std::string_view name) -> typename Map::mapped_type
{
    const auto found = map.find(name);
    return found == map.end() ? nullptr : found->second;
}
}  // namespace

const Agent* Document::agent(std::string_view name) const
{
    return lookup(agent_by_name_, name);
}
const Budget* Document::budget(std::string_view name) const
{
    return lookup(budget_by_name_, name);
}
const Service* Document::service(std::string_view name) const
{
    return lookup(service_by_name_, name);
}

std::span<const Service* const> Document::services_of(std::string_view payee) const
{
    const auto found = services_by_payee_.find(payee);
    if (found == services_by_payee_.end()) return {};
    return found->second;
}

std::expected<std::shared_ptr<const Document>, Mistakes> parse_document(std::string_view text)
{
    if (text.size() > limits::kDocumentBytesMax)
        return std::unexpected{
            Mistakes{{.path = "$",
                      .what = "has " + std::to_string(text.size()) + " bytes",
                      .expected = "at most " + std::to_string(limits::kDocumentBytesMax)}}};
    const auto tree = json::parse(text, {.depth_max = limits::kDepthMax, .comments = true});
    if (!tree)
        return std::unexpected{Mistakes{{.path = "$",
                                         .what = tree.error().what,
                                         .expected = {},
                                         .line = tree.error().line,
                                         .column = tree.error().column}}};
    return DocumentBuilder{}.build(tree->root());
}

std::vector<KnownFields> known_fields()
{
    std::vector<KnownFields> known{{"", names_of(kRootFields)},
                                   {"service", names_of(kServiceFields)}};
    std::ranges::move(known_rules_fields(), std::back_inserter(known));
    return known;
}

std::int64_t limit_of(const Document& document, std::string_view budget, std::string_view kind)
{
    const auto* rules = document.budget(budget);
    if (rules == nullptr) return kNoLimit;
    const auto cap = std::ranges::find(rules->caps, kind, &CapRule::kind);
    return cap == rules->caps.end() ? kNoLimit : cap->limit;
}

}  // namespace purse::policy

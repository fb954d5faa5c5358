// Any sequence of operations leaves the same ledger in every backend.
#include <rapidcheck.h>

#include "ledger/json.h"
#include "store/backends.h"
#include "unit/store/ledger_fixture.h"

namespace equivalence_test {

using namespace hearth;
using namespace hearth::test;
using ledger::EntryId;
using ledger::Status;

namespace {

enum class Action : std::uint8_t { begin, reroute, settle, record, query };

// Numbers from which an operation and its values are made: small ones, so that ids and filters meet.
struct Step {
    Action action;
    EntryId id;
    std::vector<std::uint8_t> picks;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
    out << "action " << static_cast<int>(step.action) << " id " << step.id << " picks";
    for (const auto pick : step.picks) out << ' ' << static_cast<int>(pick);
    return out;
}

rc::Gen<Step> any_step() {
    return rc::gen::build<Step>(
        rc::gen::set(&Step::action, rc::gen::weightedElement<Action>({{4, Action::begin},
                                                                      {3, Action::reroute},
                                                                      {3, Action::settle},
                                                                      {1, Action::record},
                                                                      {2, Action::query}})),
        rc::gen::set(&Step::id, rc::gen::inRange<EntryId>(-1, 12)),
        rc::gen::set(&Step::picks, rc::gen::container<std::vector<std::uint8_t>>(
                                       24, rc::gen::inRange<std::uint8_t>(0, 60))));
}

// The values of one operation, in the order in which they are asked for.
class Picks {
  public:
    explicit Picks(const Step& step) : step_(step) {}
    std::size_t below(std::size_t count) { return step_.picks[at_++ % step_.picks.size()] % count; }
    std::string word(const char* prefix) {
        const auto pick = below(4);
        return pick == 0 ? "" : prefix + std::to_string(pick);
    }
    std::optional<std::int64_t> number() {
        const auto pick = below(5);
        return pick == 0 ? std::nullopt : std::optional(static_cast<std::int64_t>(pick - 1));
    }
    std::optional<ledger::microseconds> duration() {
        const auto value = number();
        return value ? std::optional(ledger::microseconds(*value * 1'000)) : std::nullopt;
    }
    Place place() { return static_cast<Place>(below(4)); }
    Code code() { return static_cast<Code>(below(static_cast<std::size_t>(Code::internal) + 1)); }
    exchange::Usage usage() {
        return {.input = number(),
                .output = number(),
                .cached_input = number(),
                .cache_write_input = number(),
                .reasoning_output = number()};
    }
    std::vector<std::string> warnings() {
        static const char* const kTexts[] = {"", "seed: not sent", "two\nlines", "\n"};
        std::vector<std::string> texts;
        for (auto left = below(4); left > 0; --left) texts.emplace_back(kTexts[below(4)]);
        return texts;
    }

  private:
    const Step& step_;
    std::size_t at_ = 0;
};

ledger::Route route_of(Picks& picks) {
    return {.provider = picks.word("provider"),
            .model = picks.word("model"),
            .place = picks.place(),
            .region = picks.word("region"),
            .reason = picks.word("reason")};
}

ledger::Intent intent_of(Picks& picks) {
    return {.request_id = picks.word("req_"),
            .time = Wall(milliseconds(picks.below(50))),
            .client = picks.word("client"),
            .key = picks.word("key"),
            .project = picks.word("project"),
            .dialect = picks.word("dialect"),
            .kind = picks.word("kind"),
            .requested_model = picks.word("model"),
            .stream = picks.below(2) == 1,
            .to = route_of(picks),
            .estimated_input_tokens = picks.number()};
}

ledger::Attempt attempt_of(Picks& picks) {
    return {.to = route_of(picks),
            .started = Wall(milliseconds(picks.below(50))),
            .duration = ledger::microseconds(picks.below(50)),
            .code = picks.code(),
            .http_status = static_cast<int>(picks.below(3) * 250),
            .usage = picks.usage(),
            .cost = picks.number(),
            .warnings = picks.warnings()};
}

ledger::Settlement settlement_of(Picks& picks, EntryId id) {
    constexpr Status kEnds[] = {Status::ok, Status::error, Status::cancelled, Status::refused};
    return {.id = id,
            .status = kEnds[picks.below(4)],
            .http_status = static_cast<int>(picks.below(3) * 250),
            .error = picks.word("error"),
            .usage = picks.usage(),
            .cost = picks.number(),
            .queue = picks.duration(),
            .first_token = picks.duration(),
            .total = picks.duration(),
            .finish = picks.word("finish"),
            .served_model = picks.word("model"),
            .warnings = picks.warnings()};
}

ledger::Query query_of(Picks& picks, EntryId before) {
    ledger::Query query{.limit = picks.below(8), .before = before};
    // One or two filters: all of them together would hardly ever find anything.
    for (int i = 0; i < 2; ++i) {
        switch (picks.below(8)) {
            case 0:
                query.provider = picks.word("provider");
                break;
            case 1:
                query.model = picks.word("model");
                break;
            case 2:
                query.project = picks.word("project");
                break;
            case 3:
                query.key = picks.word("key");
                break;
            case 4:
                query.request_id = picks.word("req_");
                break;
            case 5:
                query.place = picks.place();
                break;
            case 6:
                query.status = static_cast<Status>(picks.below(6));
                break;
            default:
                break;
        }
    }
    return query;
}

std::string failure(const Error& error) {
    return std::string(code_name(error.code)) + ": " + error.message;
}

template <class T>
std::string outcome(const Result<T>& result) {
    if (!result) return failure(result.error());
    if constexpr (std::is_same_v<T, ledger::Begun>) return "begun " + std::to_string(result->id);
    return "kept";
}

std::string apply(Opened& db, const Step& step) {
    Picks picks(step);
    switch (step.action) {
        case Action::begin:
            return outcome(db.begin(intent_of(picks)));
        case Action::reroute: {
            const auto failed = attempt_of(picks);
            return outcome(db.reroute(step.id, failed, route_of(picks)));
        }
        case Action::settle:
            return outcome(db.settle(settlement_of(picks, step.id)));
        case Action::record: {
            const auto intent = intent_of(picks);
            return outcome(db.record(intent, settlement_of(picks, step.id)));
        }
        case Action::query:
            break;
    }
    return ledger::entries_json(db.recent(query_of(picks, step.id)));
}

// What a caller sees of a store while it does these steps, and the whole ledger afterwards.
std::vector<std::string> seen_by_caller(const store::Backend& backend, const std::vector<Step>& steps) {
    const Folder folder(in_memory());  // hundreds of databases, and opening one waits for the disk
    Opened db(backend.open({.path = folder.ledger()}).value());
    std::vector<std::string> seen;
    for (const auto& step : steps) seen.push_back(apply(db, step));
    seen.push_back(ledger::entries_json(db.recent({.limit = ledger::kMaxQuery})));
    return seen;
}

}  // namespace

TEST_CASE("every backend answers any sequence of operations as the first one does") {
    CHECK(rc::check("results and queries are equal", [] {
        const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
        const auto backends = store::backends();
        const auto expected = seen_by_caller(backends.front(), steps);
        for (const auto& backend : backends.subspan(1)) {
            const auto seen = seen_by_caller(backend, steps);
            for (std::size_t i = 0; i < steps.size(); ++i)
                if (seen[i] != expected[i])
                    RC_LOG() << steps[i] << "\n" << seen[i] << "\n" << expected[i] << "\n";
            RC_ASSERT(seen == expected);
        }
    }));
}

}  // namespace equivalence_test

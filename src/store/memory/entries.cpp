#include "store/memory/entries.h"

#include <fmt/format.h>

#include <algorithm>

namespace hearth::store::memory {

namespace {

bool equal_or_any(const std::string& wanted, const std::string& value) {
    return wanted.empty() || wanted == value;
}

bool matches(const ledger::Entry& entry, const ledger::Query& query) {
    const auto& intent = entry.intent;
    return equal_or_any(query.provider, intent.to.provider) && equal_or_any(query.model, intent.to.model) &&
           equal_or_any(query.project, intent.project) && equal_or_any(query.key, intent.key) &&
           equal_or_any(query.request_id, intent.request_id) &&
           query.place.value_or(intent.to.place) == intent.to.place &&
           query.status.value_or(entry.settlement.status) == entry.settlement.status;
}

}  // namespace

// Each operation counts as a transaction of its own.
Result<void> Entries::count_operation() {
    if (closed_) return fail(Code::storage, "The ledger is closed.");
    ++operations_;
    return {};
}

// Every id up to last_id_ was given out, so one that is missing was settled and dropped.
Result<ledger::Entry*> Entries::find_unsettled(ledger::EntryId id) {
    if (id <= 0 || id > last_id_) {
        return fail(Code::internal, fmt::format("The ledger has no entry {}.", id));
    }
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second.settlement.status != ledger::Status::running) {
        return fail(Code::conflict, fmt::format("Entry {} of the ledger is settled already.", id));
    }
    return &found->second;
}

ledger::Entry& Entries::add(const ledger::Intent& intent) {
    auto& entry = entries_[++last_id_];
    entry.id = last_id_;
    entry.intent = intent;
    entry.settlement = {.id = last_id_, .status = ledger::Status::running, .http_status = 0};
    return entry;
}

void Entries::finish(ledger::Entry& entry, const ledger::Settlement& settlement) {
    entry.settlement = settlement;
    entry.settlement.id = entry.id;
    entry.settlement.warnings = ledger::as_lines(settlement.warnings);
    settled_.push(entry.id);
    while (settled_.size() > max_settled_) {
        entries_.erase(settled_.top());
        settled_.pop();
    }
}

Result<ledger::Begun> Entries::begin(const ledger::Intent& intent) {
    const Lock lock(mutex_);
    if (auto open = count_operation(); !open) return fail(std::move(open.error()));
    return ledger::Begun{.id = add(intent).id};
}

Result<ledger::Kept> Entries::reroute(ledger::EntryId id, const ledger::Attempt& failed,
                                      const ledger::Route& next) {
    const Lock lock(mutex_);
    if (auto open = count_operation(); !open) return fail(std::move(open.error()));
    const auto entry = find_unsettled(id);
    if (!entry) return fail(entry.error());
    auto& attempt = (*entry)->attempts.emplace_back(failed);
    attempt.warnings = ledger::as_lines(failed.warnings);
    (*entry)->intent.to = next;
    return ledger::Kept::committed;
}

Result<ledger::Kept> Entries::settle(const ledger::Settlement& settlement) {
    const Lock lock(mutex_);
    if (auto open = count_operation(); !open) return fail(std::move(open.error()));
    const auto entry = find_unsettled(settlement.id);
    if (!entry) return fail(entry.error());
    finish(**entry, settlement);
    return ledger::Kept::committed;
}

Result<ledger::Begun> Entries::record(const ledger::Intent& intent, const ledger::Settlement& settlement) {
    const Lock lock(mutex_);
    if (auto open = count_operation(); !open) return fail(std::move(open.error()));
    auto& entry = add(intent);
    const ledger::Begun begun{.id = entry.id};
    finish(entry, settlement);
    return begun;
}

Result<std::vector<ledger::Entry>> Entries::recent(const ledger::Query& query) const {
    const Lock lock(mutex_);
    if (closed_) return fail(Code::storage, "The ledger is closed.");
    const auto limit = std::clamp<std::size_t>(query.limit, 1, ledger::kMaxQuery);
    std::vector<ledger::Entry> found;
    auto from = query.before > 0 ? entries_.lower_bound(query.before) : entries_.end();
    while (from != entries_.begin() && found.size() < limit) {
        --from;
        if (matches(from->second, query)) found.push_back(from->second);
    }
    return found;
}

ledger::Health Entries::health() const {
    const Lock lock(mutex_);
    ledger::Health health;
    health.writable = !closed_;
    if (closed_) health.problem = "The ledger is closed.";
    health.commits = health.operations = health.direct = operations_;
    health.largest_batch = operations_ > 0 ? 1 : 0;
    return health;
}

void Entries::close() {
    const Lock lock(mutex_);
    closed_ = true;
}

}  // namespace hearth::store::memory

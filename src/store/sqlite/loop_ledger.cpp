#include "store/sqlite/loop_ledger.h"

#include "store/sqlite/reader.h"

namespace hearth::store::sqlite {

LoopLedger::LoopLedger(net::Loop& loop, Writer& writer, std::filesystem::path path)
    : loop_(loop), writer_(writer), path_(std::move(path)), hand_over_(loop, [this] { hand_over(); }) {
    mailbox_.loop = &loop;
}

void LoopLedger::hand_over() {
    const auto chain = std::exchange(outgoing_, Chain{});
    if (writer_.commit_now(chain)) {
        resume_all(chain);
    } else {
        writer_.submit(chain);
    }
}

void LoopLedger::Handed::await_suspend(std::coroutine_handle<> waiter) noexcept {
    operation.waiter = waiter;
    operation.mailbox = &ledger.mailbox_;
    ledger.outgoing_.push(operation);
    ledger.hand_over_.schedule();
}

Task<Result<ledger::Begun>> LoopLedger::begin(const ledger::Intent& intent) {
    Operation operation{.action = Action::begin, .intent = &intent};
    co_await Handed{*this, operation};
    if (operation.error) co_return fail(std::move(*operation.error));
    co_return ledger::Begun{.id = operation.id, .kept = operation.kept};
}

Task<Result<ledger::Kept>> LoopLedger::reroute(ledger::EntryId id, const ledger::Attempt& failed,
                                               const ledger::Route& next) {
    Operation operation{.action = Action::reroute, .id = id, .failed = &failed, .next_route = &next};
    co_await Handed{*this, operation};
    if (operation.error) co_return fail(std::move(*operation.error));
    co_return operation.kept;
}

Task<Result<ledger::Kept>> LoopLedger::settle(const ledger::Settlement& settlement) {
    Operation operation{.action = Action::settle, .id = settlement.id, .settlement = &settlement};
    co_await Handed{*this, operation};
    if (operation.error) co_return fail(std::move(*operation.error));
    co_return operation.kept;
}

Task<Result<ledger::Begun>> LoopLedger::record(const ledger::Intent& intent,
                                               const ledger::Settlement& settlement) {
    Operation operation{.action = Action::record, .intent = &intent, .settlement = &settlement};
    co_await Handed{*this, operation};
    if (operation.error) co_return fail(std::move(*operation.error));
    co_return ledger::Begun{.id = operation.id, .kept = operation.kept};
}

Task<Result<std::vector<ledger::Entry>>> LoopLedger::recent(const ledger::Query& query) {
    if (writer_.closed()) co_return fail(Code::storage, "The ledger is closed.");
    co_return co_await loop_.run_blocking(Reading{path_, query});
}

ledger::Health LoopLedger::health() const {
    return writer_.health();
}

}  // namespace hearth::store::sqlite

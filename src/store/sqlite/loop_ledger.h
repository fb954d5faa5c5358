#pragma once
// The ledger as one loop sees it: commits what a tick has gathered, here or through the writer's thread.
#include <filesystem>

#include "ledger/ledger.h"
#include "net/loop.h"
#include "store/sqlite/writer.h"

namespace hearth::store::sqlite {

class LoopLedger final : public ledger::Ledger {
  public:
    LoopLedger(net::Loop& loop, Writer& writer, std::filesystem::path path);

    Task<Result<ledger::Begun>> begin(const ledger::Intent& intent) override;
    Task<Result<ledger::Kept>> reroute(ledger::EntryId id, const ledger::Attempt& failed,
                                       const ledger::Route& next) override;
    Task<Result<ledger::Kept>> settle(const ledger::Settlement& settlement) override;
    Task<Result<ledger::Begun>> record(const ledger::Intent& intent,
                                       const ledger::Settlement& settlement) override;
    Task<Result<std::vector<ledger::Entry>>> recent(const ledger::Query& query) override;
    [[nodiscard]] ledger::Health health() const override;

  private:
    // Everything that a tick of the loop gives is one transaction at its end.
    struct Handed {
        LoopLedger& ledger;
        Operation& operation;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> waiter) noexcept;
        void await_resume() const noexcept {}
    };

    void hand_over();

    net::Loop& loop_;
    Writer& writer_;
    const std::filesystem::path path_;
    Mailbox mailbox_;
    Chain outgoing_;
    net::Deferred hand_over_;
};

}  // namespace hearth::store::sqlite

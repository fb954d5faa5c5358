#pragma once
// What is written down of a request: the ledger's rows, the circuits' reports, the metrics. The only place that settles:
// exactly once for each request, before the client's last byte.
#include <optional>

#include "base/task.h"
#include "ledger/entry.h"
#include "pipeline/context.h"
#include "pipeline/ports.h"

namespace hearth::pipeline {

class Record {
  public:
    Record(Ports& ports, const RequestContext& context) : ports_(ports), context_(context) {}
    ~Record();
    Record(const Record&) = delete;
    Record& operator=(const Record&) = delete;

    // Before a byte leaves: the intent's row, or for a later candidate the attempt before and the new route. Error:
    // storage, while the ledger cannot be written.
    [[nodiscard]] Task<Result<void>> reserve(Attempt& attempt);
    // After the attempt: one report to its circuit. It becomes the one that settle() is about, or, when another candidate
    // is reserved, an attempt's row.
    void attempted(Attempt& attempt, Outcome& outcome);

    // By the last attempt: usage, cost and how it ended. Returns when it is committed (or in the backlog, when the disk
    // refuses). `error`: what the client is answered when no candidate was left.
    [[nodiscard]] Task<void> settle(const Error* error = nullptr);
    // A request that no candidate is asked for leaves its row too.
    [[nodiscard]] Task<void> refuse(const Error& error);

    [[nodiscard]] ledger::EntryId entry() const { return entry_; }

  private:
    // The last attempt, as far as it is needed once it has gone. It becomes a row only when another one follows.
    struct Last {
        const route::Step* step = nullptr;  // in the plan
        Wall started{};
        ledger::microseconds duration{};
        Code code = Code::internal;
        int upstream_status = 0;
        exchange::Usage usage{};
        std::optional<NanoUsd> cost{};
        std::vector<std::string> warnings{};
        ledger::Status status = ledger::Status::error;
        std::string_view finish{};
        int http_status = 200;
        std::optional<Mono> first_token{};
    };
    [[nodiscard]] ledger::Attempt row_of_last();
    [[nodiscard]] ledger::Intent intent() const;
    void report(Attempt& attempt, const Outcome& outcome);
    void take_last(Attempt& attempt, Outcome& outcome);
    [[nodiscard]] std::optional<NanoUsd> cost_of(const route::Model& model, const Outcome& outcome) const;

    Ports& ports_;
    const RequestContext& context_;
    ledger::EntryId entry_ = 0;  // 0: nothing has been reserved
    bool settled_ = false;
    std::optional<Last> last_;
};

}  // namespace hearth::pipeline

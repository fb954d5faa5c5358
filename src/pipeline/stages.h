#pragma once
// The tables of the pipeline. Each row is one function or class in a file of its own; rows run in this order. A new stage,
// backend, filter or verifier is one file and one row of stages.cpp.
#include <memory>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/task.h"

namespace hearth::exchange {
struct Answer;
}

namespace hearth::pipeline {

struct Ports;
struct RequestContext;
struct Attempt;
class AnswerFilter;
class Backend;
class Record;
class Verifier;

// Once for each request, before any candidate is asked. An error refuses the request: one ledger row, nothing is sent.
// A stage either runs to its end at once or waits; one that does not wait costs no coroutine.
struct RequestStage {
    using Now = Result<void> (*)(Ports&, RequestContext&);
    using Waiting = Task<Result<void>> (*)(Ports&, RequestContext&);
    constexpr RequestStage(std::string_view stage, Now run) : name(stage), now(run) {}
    constexpr RequestStage(std::string_view stage, Waiting run) : name(stage), waiting(run) {}
    std::string_view name;
    Now now = nullptr;
    Waiting waiting = nullptr;
};

// Once for each candidate, before its backend. An error passes the candidate over.
struct AttemptStage {
    using Now = Result<void> (*)(Ports&, const RequestContext&, Record&, Attempt&);
    using Waiting = Task<Result<void>> (*)(Ports&, const RequestContext&, Record&, Attempt&);
    constexpr AttemptStage(std::string_view stage, Now run) : name(stage), now(run) {}
    constexpr AttemptStage(std::string_view stage, Waiting run) : name(stage), waiting(run) {}
    std::string_view name;
    Now now = nullptr;
    Waiting waiting = nullptr;
};

// Who answers an attempt: the first row that serves it.
struct BackendRow {
    std::string_view name;
    bool (*serves)(const RequestContext&, const Attempt&);
    const Backend& backend;
};

// What changes an answer's events on their way to the client. Null: nothing of this answer is changed.
struct FilterRow {
    std::string_view name;
    std::unique_ptr<AnswerFilter> (*make)(const RequestContext&, const Attempt&);
};

// Who judges a whole answer before the client gets any of it. Null: this answer is not judged.
struct VerifierRow {
    std::string_view name;
    std::unique_ptr<Verifier> (*make)(const RequestContext&, const Attempt&);
};

extern const std::span<const RequestStage> kRequestStages;
extern const std::span<const AttemptStage> kAttemptStages;
extern const std::span<const BackendRow> kBackends;
extern const std::span<const FilterRow> kAnswerFilters;
extern const std::span<const VerifierRow> kVerifiers;

}  // namespace hearth::pipeline

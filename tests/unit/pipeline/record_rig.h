#pragma once
// A Record with a decoded request, and attempts that end as a test says, without backends or delivery.
#include "pipeline/record.h"
#include "rig.h"
#include "unit/pipeline/rows.h"

namespace hearth::test {

struct Recorded {
    explicit Recorded(pipeline::Ingress ingress = {}, std::string body = chat_body(exchange::Dialect::openai))
        : client(rig.client(std::move(body))),
          context(rig.ports, *client, rig.caller, std::move(ingress)),
          record(rig.ports, context) {
        REQUIRE(rig.wait(pipeline::decode(rig.ports, context)));
        for (const auto* provider : {"mistral", "openai", "anthropic"}) {
            auto& model = models.emplace_back();
            model.provider = provider;
            model.id = "sim";
            steps.push_back({.model = &model, .reason = "named"});
        }
        auto& local = models.emplace_back();
        local.provider = route::kEngine;
        local.id = "local-sim";
        local.place = Place::local;
        steps.push_back({.model = &local, .reason = "local"});
    }

    // One attempt at a step: reserved, its circuit taken, and ended. `spent`: how long it took.
    void attempt(std::size_t step, pipeline::Outcome outcome, std::vector<std::string> warnings = {},
                 nanoseconds spent = milliseconds(10)) {
        pipeline::Attempt made(steps[step], false);
        REQUIRE(rig.wait(record.reserve(made)));
        if (made.model().place != Place::local) made.trial = rig.circuits.take(made.model().provider);
        made.warnings = std::move(warnings);
        rig.clock.advance_to(rig.clock.mono() + spent);
        record.attempted(made, outcome);
    }
    const ledger::Settlement& settle(const Error* error = nullptr) {
        rig.wait(record.settle(error));
        return rig.ledger.only().settlement;
    }

    Rig rig;
    std::unique_ptr<FakeClient> client;
    pipeline::RequestContext context;
    pipeline::Record record;
    std::deque<route::Model> models;
    std::deque<route::Step> steps;
};

inline constexpr std::size_t kMistral = 0, kOpenai = 1, kAnthropic = 2, kLocal = 3;  // steps

// A whole answer with the usage of answer_events().
inline pipeline::Outcome answered() {
    pipeline::Outcome outcome;
    outcome.answered = true;
    outcome.usage.input = 5;
    outcome.usage.output = 7;
    outcome.finish = "stop";
    return outcome;
}

inline pipeline::Outcome failing(provider::FailureCause cause, Code code = Code::upstream_failed,
                                 int upstream_status = 503) {
    auto error = error_of(code, "It failed.");
    error.http_status = upstream_status;
    return pipeline::failed(pipeline::failure(std::move(error), cause));
}

}  // namespace hearth::test

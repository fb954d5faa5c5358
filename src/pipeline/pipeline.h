#pragma once
// One request for a model's work, from its body to its last byte. Read pipeline.cpp first: it is the whole flow.
//
//   stages.h, stages.cpp   the tables: request stages, attempt stages, backends, answer filters, verifiers
//   context.h              RequestContext, Attempt, Outcome: the data of the three lifetimes
//   candidates.h           who is asked next after which failure
//   backends/              who answers: provider, passthrough, engine, synthetic
//   delivery/              the only writer to the client
//   record.h               the only place that settles and reports
#include "base/task.h"
#include "pipeline/context.h"
#include "pipeline/ports.h"
#include "server/exchange.h"
#include "text/json.h"

namespace hearth::pipeline {

// Answers the exchange. `parsed`: the body's JSON, where the caller had to read it already; its text() must stay valid
// until the task ends.
[[nodiscard]] Task<void> handle(Ports& ports, server::Exchange& http, Caller caller, Ingress ingress,
                                json::Document parsed = {});

}  // namespace hearth::pipeline

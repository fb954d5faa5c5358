#pragma once
// The road of a request, in the order in which it is travelled: read this file and road.cpp first.
//
//   gateway.cpp         accept: path and method -> endpoint; access.cpp says who may speak
//   road.cpp            read and decode the body, recognise, decide, then for each candidate: permit, ledger, attempt
//   engine_attempt.cpp  the attempt at our own engine
//   upstream_attempt.cpp  the attempt at a provider; relay_answer.cpp or translated_answer.cpp takes its answer
//   passthrough.cpp     the attempt for what is passed on as it is: audio, images, a provider's own files and batches
//   answer.cpp          an answer that comes as events, in the client's dialect
//   early_head.cpp      what a client hears while it waits
//   journey.cpp         settle: usage, cost and outcome, before the client's last byte
#include "base/task.h"
#include "pipeline/access.h"
#include "pipeline/journey.h"
#include "pipeline/services.h"
#include "server/exchange.h"

namespace hearth::pipeline {

// Answers one request for a model's work, of any dialect.
[[nodiscard]] Task<void> travel(Services& services, server::Exchange& exchange, Caller caller,
                                Ingress ingress);

// The decision alone, for `hearth route` and for travel().
[[nodiscard]] Result<route::Plan> plan_for(Services& services, const std::string& project,
                                           const route::Ask& ask);

}  // namespace hearth::pipeline

#pragma once
// One request on the road: what the stations of road.cpp hand from one to the next.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "exchange/event.h"
#include "exchange/request.h"
#include "ledger/entry.h"
#include "pipeline/access.h"
#include "pipeline/early_head.h"
#include "pipeline/services.h"
#include "pipeline/upstreams.h"
#include "provider/classify.h"
#include "route/decide.h"
#include "server/exchange.h"
#include "text/json.h"
#include "wire/dialect.h"

namespace hearth::pipeline {

// How a request came in: which dialect, and what its path says.
struct Ingress {
    exchange::Dialect dialect = exchange::Dialect::openai;
    wire::Call call;
    std::string provider{};   // kinds file and batch: whom to ask, since they name no model
    bool background = false;  // nobody waits for it: our own engine does it when it has nothing better to do
};

struct Journey {
    Services& services;
    server::Exchange& exchange;
    Caller caller;
    Ingress ingress;
    const wire::ClientCodec* client = nullptr;  // of the ingress's dialect

    json::Document document;    // the client's body, walked once and whole
    exchange::Request request;  // and what it means
    route::Plan plan;
    std::vector<std::string> warnings;  // fields that an upstream could not be sent
    bool without_opaque = false;        // this step's upstream has refused the opaque state in the request

    ledger::EntryId entry = 0;  // 0: nothing has begun
    bool settled = false;
    std::optional<Mono> first_token;
    EarlyHead early{*this};

    [[nodiscard]] exchange::Dialect dialect() const { return ingress.dialect; }
    [[nodiscard]] wire::AnswerContext context(const route::Step& step) const;
};

// What was served, as far as is known when the answer ends.
struct Served {
    exchange::Usage usage;
    std::string finish;     // "stop" | "length" | ...; empty = none seen
    int http_status = 200;  // sent to the client
};

// How one attempt ended.
enum class Outcome : std::uint8_t {
    answered,  // whole, settled, sent
    failed,    // nothing has been promised to the client: the next candidate may be asked
    broken,    // after content: the client has been told, the entry is settled
    gone,      // the client went away: cancelled and settled
};
struct Ended {
    Outcome outcome = Outcome::answered;
    provider::Failure verdict;  // failed: why, and whether the next may be asked
};

// The two kinds of attempts. Each writes the answer, and settles before the client's last byte.
[[nodiscard]] Task<Ended> ask_engine(Journey& journey, const route::Step& step);
[[nodiscard]] Task<Ended> ask_upstream(Journey& journey, const route::Step& step, const Upstream& upstream,
                                       const privacy::Permit& permit);

// Headers of an answer: content type, x-hearth-request-id, x-hearth-route ("provider/model; place=cloud; reason=named"),
// x-hearth-warning, CORS.
[[nodiscard]] http::HeaderList answer_headers(Journey& journey, const route::Step& step,
                                              std::string_view content_type);

// The same for an event stream, with `route` in place of a step's.
[[nodiscard]] http::HeaderList stream_headers(Journey& journey, std::string_view route);

// Promises the answer to the client: the head of an event stream goes out, with `more` behind our own headers. From here
// on nothing of the request's body is needed, and a stream may stay open for long: its memory is given back.
void start_stream(Journey& journey, const route::Step& step, const http::HeaderList& more = {});

// An error as the answer: a status and a body, or an event and a broken stream once the head has gone out.
[[nodiscard]] Task<void> answer_error(Journey& journey, Error error);

// Gives what was parsed of the body back to the pool; does nothing the second time.
void release_body(Journey& journey);

// Writes the settlement; returns when it is committed (or in the backlog, when the disk refuses). Once per journey.
[[nodiscard]] Task<void> settle(Journey& journey, const route::Step& step, ledger::Status status,
                                Served served, std::string_view error);

[[nodiscard]] std::string_view finish_word(std::optional<exchange::FinishReason> reason);
[[nodiscard]] Ended failed(provider::Failure verdict);
[[nodiscard]] Ended failed(Error error, provider::FailureCause cause = provider::FailureCause::upstream);

}  // namespace hearth::pipeline

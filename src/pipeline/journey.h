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
#include "pipeline/services.h"
#include "pipeline/upstreams.h"
#include "provider/classify.h"
#include "route/decide.h"
#include "server/exchange.h"
#include "text/json.h"

namespace hearth::pipeline {

struct Journey {
    Services& services;
    server::Exchange& exchange;
    Caller caller;
    exchange::Kind kind = exchange::Kind::chat;

    json::Document document;    // the client's body, walked once and whole
    exchange::Request request;  // and what it means
    route::Plan plan;
    std::vector<std::string> warnings;  // fields that an upstream could not be sent

    ledger::EntryId entry = 0;  // 0: nothing has begun
    bool settled = false;
    std::optional<Mono> first_token;
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
    provider::Verdict verdict;  // failed: why, and whether the next may be asked
};

// The two kinds of attempts. Each writes the answer, and settles before the client's last byte.
[[nodiscard]] Task<Ended> ask_engine(Journey& journey, const route::Step& step);
[[nodiscard]] Task<Ended> ask_upstream(Journey& journey, const route::Step& step, const Upstream& upstream,
                                       const privacy::Permit& permit);

// Headers of an answer: content type, x-hearth-request-id, x-hearth-route ("provider/model; place=cloud; reason=named"),
// x-hearth-warning, CORS.
[[nodiscard]] http::HeaderList answer_headers(Journey& journey, const route::Step& step,
                                              std::string_view content_type);

// Promises the answer to the client: the head of an event stream goes out, with `more` behind our own headers. From here
// on nothing of the request's body is needed, and a stream may stay open for long: its memory is given back.
void start_stream(Journey& journey, const route::Step& step, const http::HeaderList& more = {});

// Gives what was parsed of the body back to the pool; does nothing the second time.
void give_back_document(Journey& journey);

// Writes the settlement; returns when it is committed (or in the backlog, when the disk refuses). Once per journey.
[[nodiscard]] Task<void> settle(Journey& journey, const route::Step& step, ledger::Status status,
                                Served served, std::string_view error);

[[nodiscard]] std::string_view finish_word(std::optional<exchange::FinishReason> reason);
[[nodiscard]] Ended failed(provider::Verdict verdict);
[[nodiscard]] Ended failed(Error error, provider::Blame blame = provider::Blame::upstream);

}  // namespace hearth::pipeline

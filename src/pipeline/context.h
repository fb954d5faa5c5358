#pragma once
// The three lifetimes of a request. RequestContext is filled by the request stages and constant from then on. An Attempt
// is one candidate that is asked: filled by the attempt stages and its backend, recorded, never used again. The client's
// side is Delivery (delivery/delivery.h). No field is written by two of them.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "exchange/event.h"
#include "exchange/request.h"
#include "pipeline/caller.h"
#include "privacy/permit.h"
#include "provider/classify.h"
#include "route/decide.h"
#include "server/exchange.h"
#include "text/json.h"
#include "upstream/circuits.h"
#include "upstream/settings.h"
#include "wire/dialect.h"

namespace hearth::pipeline {

struct Ports;
class AnswerStream;

// How a request came in: which dialect, and what its path says.
struct Ingress {
    exchange::Dialect dialect = exchange::Dialect::openai;
    wire::Call call;
    std::string provider{};  // kinds file and batch: the provider to ask, since they name no model
    bool background =
        false;  // no client waits for it: the local engine does it when it has nothing more urgent
};

// The client's body: its bytes, their JSON, and what they mean.
struct Conversation {
    // Parsed once. Its text() is the client's bytes, which stay valid until the body is released.
    json::Document document;
    exchange::Request request;
    exchange::Needs needs;  // needs_of(request)
};

struct RequestContext {
    RequestContext(Ports& ports, server::Exchange& exchange, Caller caller, Ingress ingress);
    RequestContext(const RequestContext&) = delete;
    RequestContext& operator=(const RequestContext&) = delete;

    const upstream::SettingsPtr
        settings;            // those of its beginning, although a reload may bring others meanwhile
    server::Exchange& http;  // stages read it; only Delivery writes to it
    const Caller caller;
    const Ingress ingress;
    const wire::ClientCodec& codec;  // of the ingress's dialect

    Conversation conversation;  // by the stage decode
    route::Plan plan;           // by the stage plan

    [[nodiscard]] const exchange::Request& request() const { return conversation.request; }
    [[nodiscard]] exchange::Kind kind() const { return conversation.request.kind; }
    [[nodiscard]] bool stream() const { return conversation.request.stream; }
    [[nodiscard]] bool client_gone() const { return http.gone().stopped(); }
};

struct Attempt {
    Attempt(const route::Step& candidate, bool repeated_without_opaque);
    ~Attempt();
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;

    const route::Step& step;
    // The same candidate once more, without thinking's signatures and encrypted reasoning, which it has refused.
    const bool without_opaque;
    Wall started{};
    Mono began{};

    bool reserved = false;                         // by the stage reserve: the ledger knows of it
    const upstream::Upstream* upstream = nullptr;  // by the stage resolve; null: our own engine
    const upstream::UpstreamWire* wire = nullptr;  // the dialect in which it is asked
    bool same_dialect = false;                     // the client's own bytes can go out
    std::optional<privacy::Permit> permit;  // by the stage permit; a backend takes it to clear its body
    upstream::Trial trial;                  // by the stage circuit; reported by Record
    std::vector<std::string> warnings;      // by the backend: what could not be sent
    std::unique_ptr<AnswerStream> answer;   // by the backend

    [[nodiscard]] const route::Model& model() const { return *step.model; }
};

// How an attempt ended for the client.
enum class AttemptResult : std::uint8_t {
    delivered,  // a whole answer, all of it sent but its last bytes, which follow the settlement
    failed_before_first_byte,  // nothing has been promised to the client: the next candidate may be asked
    failed_midstream,          // after content: an error event is ready, and the stream will be broken off
    client_disconnected,
};

// What one attempt came to. Made by Delivery or by the pipeline, read by Record.
struct Outcome {
    AttemptResult result = AttemptResult::delivered;
    std::unique_ptr<provider::Failure> failure;  // failed_*: why, and whether the next may be asked
    bool answered = false;                       // the upstream had begun to answer: it may charge for it
    exchange::Usage usage;
    std::string_view finish;  // "stop" | "length" | ... (finish_name); empty: none seen
    int http_status = 200;    // sent to the client
    std::optional<Mono> first_token;
    std::vector<std::string> losses;  // of the answer, on its way to the client's dialect
};

[[nodiscard, gnu::cold]] std::unique_ptr<provider::Failure> failure(
    Error error, provider::FailureCause cause = provider::FailureCause::upstream);
[[nodiscard, gnu::cold]] Outcome failed(std::unique_ptr<provider::Failure> why);
[[nodiscard]] std::string_view finish_name(std::optional<exchange::FinishReason> reason);

// Gives back what the body holds in memory once no other candidate can be asked: bytes, JSON and the decoded messages, of
// which a long stream needs nothing. The request keeps what encoders of answers read. Does nothing the second time.
void release_body(Ports& ports, RequestContext& context);
// At the end of a request: the document's memory is kept for the next one.
void pool_document(Ports& ports, RequestContext& context);

}  // namespace hearth::pipeline

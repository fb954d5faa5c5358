#pragma once
// The interfaces that a dialect implements: ClientCodec for clients, UpstreamCodec for model servers. The pipeline uses one
// of each and knows no dialect; codecs.h finds them. Codecs are stateless and live for ever; what has state (a
// stream) is made anew for each answer. Nothing here does I/O, reads a clock or knows a destination.
//
// Same dialect on both sides: edits() on the client's bytes and a Relay. Translation: translate/translate.h prepares the request, encode()
// writes it, StreamDecoder or whole() reads the answer, the client's StreamEncoder or whole() writes it.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "exchange/event.h"
#include "exchange/request.h"
#include "text/edit.h"
#include "text/json.h"
#include "wire/facts.h"

namespace hearth::wire {

struct DialectRow;  // dialects.h

// ---- towards the client

// What the request line says beside the body: which endpoint it is, and for dialects that write them into the path
// (Gemini) the model and whether the answer is streamed.
struct Call {
    exchange::Kind kind = exchange::Kind::chat;
    std::string_view endpoint;   // "generate", "infill": where one kind has several shapes; else empty
    std::string model;           // from the path, decoded; empty: the body says it
    std::optional<bool> stream;  // from the path or query
};

// What an answer's encoder must know of the request. The request outlives the writer.
struct AnswerContext {
    const exchange::Request* request = nullptr;
    std::string_view endpoint;   // Call::endpoint
    std::string model;           // the name to answer under: as the client asked
    std::string origin;          // provider that answers: marks opaque state as its own (opaque.h)
    std::string id;              // of the answer, without the dialect's prefix: 24 letters and digits
    std::int64_t created_s = 0;  // Unix seconds
};

class StreamEncoder {
  public:
    virtual ~StreamEncoder() = default;
    // Appends the bytes of one event; nothing after Done or Error. A client that reads an Error cannot take the stream
    // for a whole one.
    virtual void write(const exchange::Event& event, std::string& out) = 0;
};

struct ErrorReply {
    int status = 500;
    std::string body;  // an upstream's own body when it was rejected there in this dialect
    std::optional<std::int64_t> retry_after_s;  // Retry-After, rounded up
};

class ClientCodec {
  public:
    virtual ~ClientCodec() = default;
    // Strict about types and counts, with errors that name the field; lenient about what is new (RawField, Foreign).
    [[nodiscard]] virtual Result<exchange::Request> decode(const Call& call,
                                                           const json::Document& document) const = 0;
    [[nodiscard]] virtual std::unique_ptr<StreamEncoder> stream(const AnswerContext& context) const = 0;
    // answer.failure is not set: error() writes those.
    [[nodiscard]] virtual std::string whole(const AnswerContext& context,
                                            const exchange::Answer& answer) const = 0;
    // Why a whole answer must not be given to the client, although the model gave it: the next candidate may do better.
    [[nodiscard]] virtual std::optional<Error> unfit(const exchange::Request& /*request*/,
                                                     const exchange::Answer& /*answer*/) const {
        return std::nullopt;
    }
    [[nodiscard]] virtual ErrorReply error(const Error& error) const = 0;
    [[nodiscard]] virtual std::string_view stream_type(const Call& call) const;  // "text/event-stream"
    // What may be sent while nothing is known yet, any number of times, before the stream's first event.
    [[nodiscard]] virtual std::string_view keep_alive() const;  // "\n"
};

// ---- towards the model

// What one upstream needs, from its row and its model; the views outlive the call.
struct UpstreamNeeds {
    exchange::Kind kind = exchange::Kind::chat;  // of the request
    std::string_view provider;                   // whose opaque state may go out
    std::string_view model;                      // the upstream's id; empty: the request's
    std::string_view endpoint;                   // Call::endpoint, where the client's own bytes go out
    bool ask_usage = true;                       // knows stream_options.include_usage (openai)
    std::string_view max_tokens_field;   // openai: "max_tokens" or "max_completion_tokens"; empty: as it is
    bool developer_as_system = false;    // openai: has no role `developer`
    bool reasoning_content = false;      // openai: takes earlier thinking back
    bool fim = false;                    // openai: completions are Mistral's fill in the middle
    std::int64_t max_output_tokens = 0;  // anthropic requires a limit: the model's, 0 = unknown
    bool without_opaque =
        false;  // the upstream has refused the state in this request: none of it goes out again
    std::span<const std::string_view>
        remove;  // same dialect: top-level fields that it refuses, each a warning
};

struct EditPlan {
    std::vector<text::Edit> edits;  // for text::apply_edits on document.text()
    bool hide_usage = false;        // usage was asked for by us: Relay::Options::hide_usage
    std::vector<std::string>
        warnings;  // one sentence for each thing removed, for the ledger and a response header
};

// A stream of events read from an upstream's bytes, however they are cut. Started comes first, then deltas as they come;
// UsageEvent and Done are written by finish(), or an Error, after which nothing follows.
class StreamDecoder {
  public:
    virtual ~StreamDecoder() = default;
    virtual void feed(std::string_view bytes, std::vector<exchange::Event>& out) = 0;  // appends
    [[nodiscard]] virtual bool over() const = 0;                                       // nothing more is read
    // The end of the upstream's body, clean or not; called once, also after over().
    virtual void finish(std::vector<exchange::Event>& out) = 0;
    [[nodiscard]] virtual const AnswerFacts& facts() const = 0;
};

// Passes a stream on in its original bytes to a client of the same dialect. wire/openai/relay.h says what is held back;
// event_relay.h is the one for every other dialect.
class Relay {
  public:
    struct Options {
        bool hide_usage = false;
        std::int64_t choices = 1;   // the request's n
        bool hold_prologue = true;  // false: pass on what precedes content at once (failover is then over)
    };
    virtual ~Relay() = default;
    // Pieces to forward, in order; views into `bytes` and into the relay, valid until the next call.
    [[nodiscard]] virtual std::span<const std::string_view> feed(std::string_view bytes) = 0;
    [[nodiscard]] virtual bool over() const = 0;      // nothing more is read
    [[nodiscard]] virtual bool promised() const = 0;  // some piece has been handed out
    [[nodiscard]] virtual const AnswerFacts& facts() const = 0;
    // The upstream's body ended, or failed for a reason that the relay cannot see: what remains to be written, an error
    // event included. Called once. The view is valid until the relay dies.
    [[nodiscard]] virtual std::string_view finish() = 0;
    [[nodiscard]] virtual std::string_view fail(Error error) = 0;
};

class UpstreamCodec {
  public:
    virtual ~UpstreamCodec() = default;
    // Under the provider's base path: "/chat/completions", "/models/x:generateContent". nullopt: no such endpoint.
    [[nodiscard]] virtual std::optional<std::string> path(exchange::Kind kind, std::string_view model,
                                                          bool stream) const = 0;
    // path_of() depends on more than the kind: it cannot be worked out once for all requests.
    [[nodiscard]] virtual bool path_varies() const { return false; }
    // The same where one kind has several endpoints; by default path() of the request's kind. `endpoint`: Call::endpoint
    // when the client's own bytes go out (same dialect), empty when encode() writes the body. nullopt: no such endpoint;
    // for a client's own bytes that means that the request must be translated, although the dialects are the same.
    [[nodiscard]] virtual std::optional<std::string> path_of(const exchange::Request& request,
                                                             std::string_view endpoint,
                                                             std::string_view model) const;
    // A body for a request that translate_request() has prepared: what this dialect does not support is no longer in it.
    [[nodiscard]] virtual std::string encode(const exchange::Request& request,
                                             const UpstreamNeeds& needs) const = 0;
    // What encode() leaves out although translate_request() lets it pass, because the model, not the dialect, lacks support:
    // warnings, none for a request of the same dialect.
    [[nodiscard]] virtual std::vector<std::string> losses(const exchange::Request& /*request*/,
                                                          const UpstreamNeeds& /*needs*/) const {
        return {};
    }
    [[nodiscard]] virtual EditPlan edits(const json::Document& document,
                                         const UpstreamNeeds& needs) const = 0;
    [[nodiscard]] virtual std::unique_ptr<StreamDecoder> stream(const exchange::Request& request) const = 0;
    [[nodiscard]] virtual std::unique_ptr<Relay> relay(const Relay::Options& options) const = 0;
    // A 200 body. Fails with Code::upstream_failed when it is no answer of this kind (a login page, an error inside a
    // 200): the next candidate may be asked.
    [[nodiscard]] virtual Result<exchange::Answer> whole(exchange::Kind kind, std::string_view body,
                                                         json::Document& scratch) const = 0;
    [[nodiscard]] virtual Result<AnswerFacts> facts(exchange::Kind kind, std::string_view body,
                                                    json::Document& scratch) const;  // by whole()
};

}  // namespace hearth::wire

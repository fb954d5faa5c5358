#include "wire/gemini/codec.h"

#include "wire/event_relay.h"
#include "wire/gemini/answer.h"
#include "wire/gemini/edits.h"
#include "wire/gemini/error.h"
#include "wire/gemini/request.h"
#include "wire/gemini/stream_decoder.h"
#include "wire/gemini/stream_encoder.h"

namespace hearth::wire::gemini {

namespace {

using exchange::Kind;

class Client final : public ClientCodec {
  public:
    [[nodiscard]] Result<exchange::Request> decode(const Call& call,
                                                   const json::Document& document) const override {
        return decode_request(call, document);
    }
    [[nodiscard]] std::unique_ptr<wire::StreamEncoder> stream(const AnswerContext& context) const override {
        return std::make_unique<StreamEncoder>(context, context.endpoint == kArrayStream);
    }
    [[nodiscard]] std::string whole(const AnswerContext& context,
                                    const exchange::Answer& answer) const override {
        return encode_answer(context, answer);
    }
    [[nodiscard]] ErrorReply error(const Error& error) const override { return error_reply(error); }
    [[nodiscard]] std::string_view stream_type(const Call& call) const override {
        return call.endpoint == kArrayStream ? "application/json" : "text/event-stream";
    }
};

class Upstream final : public UpstreamCodec {
  public:
    [[nodiscard]] bool path_varies() const override { return true; }
    // A stream in one JSON array is written anew (upstreams are asked for events), and so is a single embedding (they are
    // asked for batches).
    [[nodiscard]] std::optional<std::string> path_of(const exchange::Request& request,
                                                     std::string_view endpoint,
                                                     std::string_view model) const override {
        if (endpoint == kArrayStream || endpoint == "embedContent") return std::nullopt;
        return path(request.kind, model, request.stream);
    }
    [[nodiscard]] std::optional<std::string> path(Kind kind, std::string_view model,
                                                  bool stream) const override {
        return upstream_path(kind, model, stream);
    }
    [[nodiscard]] std::string encode(const exchange::Request& request,
                                     const UpstreamNeeds& needs) const override {
        return encode_request(request, needs);
    }
    [[nodiscard]] EditPlan edits(const json::Document& document, const UpstreamNeeds& needs) const override {
        return same_dialect_edits(document, needs);
    }
    [[nodiscard]] std::unique_ptr<wire::StreamDecoder> stream(
        const exchange::Request& request) const override {
        return std::make_unique<StreamDecoder>(request.n);
    }
    [[nodiscard]] std::unique_ptr<Relay> relay(const Relay::Options& options) const override {
        return std::make_unique<EventRelay>(std::make_unique<StreamDecoder>(options.choices, false),
                                            EventRelay::Framing::sse, options, error_event);
    }
    [[nodiscard]] Result<exchange::Answer> whole(Kind kind, std::string_view body,
                                                 json::Document& scratch) const override {
        return decode_answer(kind, body, scratch);
    }
};

}  // namespace

const ClientCodec& client_codec() {
    static const Client codec;
    return codec;
}

const UpstreamCodec& upstream_codec() {
    static const Upstream codec;
    return codec;
}

}  // namespace hearth::wire::gemini

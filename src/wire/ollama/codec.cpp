#include "wire/ollama/codec.h"

#include "wire/event_relay.h"
#include "wire/ollama/answer.h"
#include "wire/ollama/error.h"
#include "wire/ollama/request.h"
#include "wire/ollama/stream.h"
#include "wire/openai/edits.h"

namespace hearth::wire::ollama {

namespace {

using exchange::Kind;

class Client final : public ClientCodec {
  public:
    [[nodiscard]] Result<exchange::Request> decode(const Call& call,
                                                   const json::Document& document) const override {
        return decode_request(call, document);
    }
    [[nodiscard]] std::unique_ptr<wire::StreamEncoder> stream(const AnswerContext& context) const override {
        return std::make_unique<StreamEncoder>(context);
    }
    [[nodiscard]] std::string whole(const AnswerContext& context,
                                    const exchange::Answer& answer) const override {
        return encode_answer(context, answer);
    }
    [[nodiscard]] ErrorReply error(const Error& error) const override { return error_reply(error); }
    [[nodiscard]] std::string_view stream_type(const Call& /*call*/) const override {
        return "application/x-ndjson";
    }
};

class Upstream final : public UpstreamCodec {
  public:
    [[nodiscard]] bool path_varies() const override { return true; }
    [[nodiscard]] std::optional<std::string> path(Kind kind, std::string_view /*model*/,
                                                  bool /*stream*/) const override {
        if (kind == Kind::chat) return "/api/chat";
        if (kind == Kind::completion) return "/api/generate";
        if (kind == Kind::embedding) return "/api/embed";
        return std::nullopt;
    }
    [[nodiscard]] std::optional<std::string> path_of(const exchange::Request& request,
                                                     std::string_view endpoint,
                                                     std::string_view model) const override {
        if (endpoint == "generate") return "/api/generate";
        if (endpoint == "embeddings") return "/api/embeddings";
        return path(request.kind, model, request.stream);
    }
    [[nodiscard]] std::string encode(const exchange::Request& request,
                                     const UpstreamNeeds& needs) const override {
        return encode_request(request, needs.model);
    }
    [[nodiscard]] EditPlan edits(const json::Document& document, const UpstreamNeeds& needs) const override {
        return openai::model_edits(document, needs);
    }
    [[nodiscard]] std::unique_ptr<wire::StreamDecoder> stream(
        const exchange::Request& /*request*/) const override {
        return std::make_unique<StreamDecoder>();
    }
    [[nodiscard]] std::unique_ptr<Relay> relay(const Relay::Options& options) const override {
        return std::make_unique<EventRelay>(std::make_unique<StreamDecoder>(), EventRelay::Framing::ndjson,
                                            options,
                                            [](const Error& error) { return error_body(error) + "\n"; });
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

}  // namespace hearth::wire::ollama

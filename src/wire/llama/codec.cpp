#include "wire/llama/codec.h"

#include "wire/event_relay.h"
#include "wire/llama/answer.h"
#include "wire/llama/error.h"
#include "wire/llama/request.h"
#include "wire/openai/edits.h"

namespace hearth::wire::llama {

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
};

class Upstream final : public UpstreamCodec {
  public:
    [[nodiscard]] bool path_varies() const override { return true; }
    [[nodiscard]] std::optional<std::string> path(Kind kind, std::string_view /*model*/,
                                                  bool /*stream*/) const override {
        if (kind == Kind::completion) return "/completion";
        return std::nullopt;
    }
    [[nodiscard]] std::optional<std::string> path_of(const exchange::Request& request,
                                                     std::string_view endpoint,
                                                     std::string_view model) const override {
        const auto* body = std::get_if<exchange::Completion>(&request.body);
        if (body != nullptr && (endpoint.empty() ? body->suffix.has_value() : endpoint == "infill"))
            return "/infill";
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
        const exchange::Request& request) const override {
        const auto* body = std::get_if<exchange::Completion>(&request.body);
        const auto prompts = body == nullptr ? 1 : static_cast<std::int64_t>(body->prompts.size());
        return std::make_unique<StreamDecoder>(prompts * request.n);
    }
    [[nodiscard]] std::unique_ptr<Relay> relay(const Relay::Options& options) const override {
        return std::make_unique<EventRelay>(
            std::make_unique<StreamDecoder>(options.choices), EventRelay::Framing::sse, options,
            [](const Error& error) { return "data: " + error_body(error) + "\n\n"; });
    }
    [[nodiscard]] Result<exchange::Answer> whole(Kind /*kind*/, std::string_view body,
                                                 json::Document& scratch) const override {
        return decode_answer(body, scratch);
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

}  // namespace hearth::wire::llama

#include "wire/openai/codec.h"

#include "wire/openai/answer.h"
#include "wire/openai/edits.h"
#include "wire/openai/error.h"
#include "wire/openai/fim.h"
#include "wire/openai/relay.h"
#include "wire/openai/request.h"
#include "wire/openai/rerank.h"
#include "wire/openai/stream_decoder.h"
#include "wire/openai/stream_encoder.h"
#include "wire/responses/request.h"

namespace hearth::wire::openai {

namespace {

using exchange::Kind;

exchange::Started introduction(const AnswerContext& context) {
    const bool chat = context.request->kind == Kind::chat;
    return {(chat ? "chatcmpl-" : "cmpl-") + context.id, context.model, context.created_s};
}

// Started has the upstream's id and model; the client gets the answer's own.
class NamedStream final : public wire::StreamEncoder {
  public:
    NamedStream(const AnswerContext& context, std::unique_ptr<wire::StreamEncoder> inner)
        : started_(introduction(context)), inner_(std::move(inner)) {}
    void write(const exchange::Event& event, std::string& out) override {
        inner_->write(std::holds_alternative<exchange::Started>(event) ? started_ : event, out);
    }

  private:
    exchange::Event started_;
    std::unique_ptr<wire::StreamEncoder> inner_;
};

class Client final : public ClientCodec {
  public:
    [[nodiscard]] Result<exchange::Request> decode(const Call& call,
                                                   const json::Document& document) const override {
        if (call.kind == Kind::rerank) return decode_rerank(document);
        if (call.endpoint == kFimEndpoint) return decode_fim(document);
        // Cursor posts bodies of the Responses dialect here and wants chat chunks back (forum.cursor.com/t/159298). The
        // decoded request has the dialect responses, so that its bytes are never passed on as a chat.
        const json::Value root = document.root();
        if (call.kind == Kind::chat && root["input"] && !root["messages"])
            return responses::decode_request(call.kind, document);
        return decode_request(call.kind, document);
    }
    [[nodiscard]] std::unique_ptr<wire::StreamEncoder> stream(const AnswerContext& context) const override {
        const auto& request = *context.request;
        StreamEncoderOptions options;
        options.include_usage = request.include_usage;
        if (context.endpoint == kFimEndpoint)
            return std::make_unique<NamedStream>(context, std::make_unique<ChatStreamEncoder>(options));
        if (request.kind != Kind::chat)
            return std::make_unique<NamedStream>(context, std::make_unique<CompletionStreamEncoder>(options));
        options.legacy_functions = request.chat().legacy_functions;
        return std::make_unique<NamedStream>(context, std::make_unique<ChatStreamEncoder>(options));
    }
    [[nodiscard]] std::string whole(const AnswerContext& context,
                                    const exchange::Answer& answer) const override {
        const auto& request = *context.request;
        if (request.kind == Kind::rerank) return encode_scores(context, answer);
        AnswerOptions options;
        if (const auto* embedding = std::get_if<exchange::Embedding>(&request.body))
            options.base64 = embedding->base64;
        if (const auto* chat = std::get_if<exchange::Chat>(&request.body))
            options.legacy_functions = chat->legacy_functions;
        options.logprobs = request.sampling.logprobs;
        options.name = introduction(context);
        return encode_answer(context.endpoint == kFimEndpoint ? Kind::chat : request.kind, answer, options);
    }
    [[nodiscard]] ErrorReply error(const Error& error) const override { return error_reply(error); }
};

class Upstream final : public UpstreamCodec {
  public:
    [[nodiscard]] std::optional<std::string> path(Kind kind, std::string_view /*model*/,
                                                  bool /*stream*/) const override {
        if (kind == Kind::chat) return "/chat/completions";
        if (kind == Kind::completion) return "/completions";
        if (kind == Kind::embedding) return "/embeddings";
        if (kind == Kind::rerank) return "/rerank";
        return std::nullopt;
    }
    // Few have Mistral's endpoint; those that do not are asked as a completion with a suffix.
    [[nodiscard]] std::optional<std::string> path_of(const exchange::Request& request,
                                                     std::string_view endpoint,
                                                     std::string_view model) const override {
        if (endpoint == kFimEndpoint) return std::nullopt;
        return path(request.kind, model, request.stream);
    }
    [[nodiscard]] std::string encode(const exchange::Request& request,
                                     const UpstreamNeeds& needs) const override {
        if (request.kind == Kind::rerank) return encode_rerank(request, needs.model);
        if (request.kind == Kind::completion && needs.fim) return encode_fim(request, needs.model);
        EncodeOptions options;
        options.model = needs.model;
        options.max_completion_tokens = needs.max_tokens_field == "max_completion_tokens";
        options.developer_as_system = needs.developer_as_system;
        options.reasoning = needs.reasoning_content;
        options.include_usage = needs.ask_usage;
        options.extensions = false;
        options.extra = false;
        return encode_request(request, options);
    }
    [[nodiscard]] EditPlan edits(const json::Document& document, const UpstreamNeeds& needs) const override {
        return same_dialect_edits(document, needs);
    }
    [[nodiscard]] std::unique_ptr<wire::StreamDecoder> stream(
        const exchange::Request& request) const override {
        return std::make_unique<StreamDecoder>(request.n);
    }
    [[nodiscard]] std::unique_ptr<Relay> relay(const Relay::Options& options) const override {
        return std::make_unique<StreamRelay>(options);
    }
    [[nodiscard]] Result<exchange::Answer> whole(Kind kind, std::string_view body,
                                                 json::Document& scratch) const override {
        return kind == Kind::rerank ? decode_scores(body, scratch) : decode_answer(kind, body, scratch);
    }
    [[nodiscard]] Result<AnswerFacts> facts(Kind kind, std::string_view body,
                                            json::Document& scratch) const override {
        return kind == Kind::rerank ? UpstreamCodec::facts(kind, body, scratch)
                                    : read_answer(kind, body, scratch);
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

}  // namespace hearth::wire::openai

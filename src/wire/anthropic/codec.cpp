#include "wire/anthropic/codec.h"

#include "wire/anthropic/answer.h"
#include "wire/anthropic/decode.h"
#include "wire/anthropic/edits.h"
#include "wire/anthropic/encode.h"
#include "wire/anthropic/error.h"
#include "wire/anthropic/losses.h"
#include "wire/anthropic/stream_decoder.h"
#include "wire/anthropic/stream_encoder.h"
#include "wire/event_relay.h"

namespace hearth::wire::anthropic {

namespace {

using exchange::Kind;

class Client final : public ClientCodec {
  public:
    [[nodiscard]] Result<exchange::Request> decode(const Call& call,
                                                   const json::Document& document) const override {
        return decode_request(call.kind, document);
    }
    [[nodiscard]] std::unique_ptr<wire::StreamEncoder> stream(const AnswerContext& context) const override {
        return std::make_unique<MessageStream>(context);
    }
    [[nodiscard]] std::string whole(const AnswerContext& context,
                                    const exchange::Answer& answer) const override {
        return encode_answer(context, answer);
    }
    [[nodiscard]] ErrorReply error(const Error& error) const override { return error_reply(error); }
    [[nodiscard]] std::string_view keep_alive() const override {
        return "event: ping\ndata: {\"type\": \"ping\"}\n\n";
    }
};

class Upstream final : public UpstreamCodec {
  public:
    [[nodiscard]] std::optional<std::string> path(Kind kind, std::string_view /*model*/,
                                                  bool /*stream*/) const override {
        if (kind == Kind::chat) return "/messages";
        if (kind == Kind::count) return "/messages/count_tokens";
        return std::nullopt;
    }
    [[nodiscard]] std::string encode(const exchange::Request& request,
                                     const UpstreamNeeds& needs) const override {
        return encode_request(request, needs);
    }
    [[nodiscard]] std::vector<std::string> losses(const exchange::Request& request,
                                                  const UpstreamNeeds& needs) const override {
        if (request.kind != Kind::chat || request.dialect == exchange::Dialect::anthropic) return {};
        return anthropic::losses(request, needs);
    }
    [[nodiscard]] EditPlan edits(const json::Document& document, const UpstreamNeeds& needs) const override {
        return same_dialect_edits(document, needs);
    }
    [[nodiscard]] std::unique_ptr<wire::StreamDecoder> stream(
        const exchange::Request& /*request*/) const override {
        return std::make_unique<StreamDecoder>();
    }
    [[nodiscard]] std::unique_ptr<Relay> relay(const Relay::Options& options) const override {
        return std::make_unique<EventRelay>(std::make_unique<StreamDecoder>(), EventRelay::Framing::sse,
                                            options, [](const Error& error) {
                                                std::string out;
                                                append_error_event(out, error);
                                                return out;
                                            });
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

}  // namespace hearth::wire::anthropic

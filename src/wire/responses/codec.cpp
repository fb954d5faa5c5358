#include "wire/responses/codec.h"

#include <fmt/format.h>
#include "wire/responses/compaction.h"

#include "text/json_writer.h"
#include "wire/event_relay.h"
#include "wire/openai/chunk_reader.h"
#include "wire/openai/error.h"
#include "wire/responses/edits.h"
#include "wire/responses/request.h"
#include "wire/responses/stream_decoder.h"
#include "wire/responses/stream_encoder.h"

namespace hearth::wire::responses {

namespace {

using exchange::Kind;

constexpr std::string_view kCompact = "compact";  // Call::endpoint

std::string encode_count(const exchange::Answer& answer) {
    std::string out;
    json::Writer w(out);
    w.begin_object().member("object", "response.input_tokens");
    w.member("input_tokens", answer.usage.input.value_or(0)).end_object();
    return out;
}

// A whole answer as the stream's last word has it.
template <class Encoder>
std::string written(const AnswerContext& context, const exchange::Answer& answer) {
    Encoder encoder(context);
    std::string unused;
    for (const auto& event : exchange::unfold(answer)) {
        encoder.write(event, unused);
        unused.clear();
    }
    return encoder.body();
}

class Client final : public ClientCodec {
  public:
    [[nodiscard]] Result<exchange::Request> decode(const Call& call,
                                                   const json::Document& document) const override {
        auto request = decode_request(call.kind == Kind::count ? Kind::count : Kind::chat, document);
        if (request && call.endpoint == kCompact && !request->compact) ask_for_summary(*request);
        return request;
    }
    [[nodiscard]] std::unique_ptr<wire::StreamEncoder> stream(const AnswerContext& context) const override {
        if (context.request->compact) return std::make_unique<CompactionStream>(context);
        return std::make_unique<StreamEncoder>(context);
    }
    [[nodiscard]] std::string whole(const AnswerContext& context,
                                    const exchange::Answer& answer) const override {
        if (context.request->kind == Kind::count) return encode_count(answer);
        if (context.endpoint == kCompact) return compaction_body(context, answer);
        if (context.request->compact) return written<CompactionStream>(context, answer);
        return written<StreamEncoder>(context, answer);
    }
    [[nodiscard]] std::optional<Error> unfit(const exchange::Request& request,
                                             const exchange::Answer& answer) const override {
        const bool spoke = !answer.choices.empty() && is_summary(answer.choices.front().text);
        if (!request.compact || spoke) return std::nullopt;
        return no_summary();
    }
    [[nodiscard]] ErrorReply error(const Error& error) const override { return openai::error_reply(error); }
};

Result<AnswerFacts> read_answer(Kind kind, std::string_view body, json::Document& scratch,
                                EventReader::Events& events) {
    const auto root = scratch.parse(body);
    if (!root)
        return fail(Code::upstream_failed, "The upstream's answer is not JSON: " + root.error()->message);
    if (!root->is_object()) return fail(Code::upstream_failed, "The upstream's answer is not a JSON object.");
    AnswerFacts facts;
    if (kind == Kind::count) {
        const auto tokens = (*root)["input_tokens"].as_int();
        if (!tokens || *tokens < 0) return fail(Code::upstream_failed, "The upstream's answer has no count.");
        facts.usage = exchange::Usage{};
        facts.usage->input = *tokens;
        facts.done = true;
        return facts;
    }
    const auto status = (*root)["status"].as_string();
    if (!(*root)["output"].is_array() && status != "failed") {
        if (openai::read_failure(*root, facts)) return fail(std::move(*facts.failure));
        return fail(Code::upstream_failed, "The upstream's answer has no output.");
    }
    if (status == "in_progress" || status == "queued")
        return fail(Code::upstream_failed, "The upstream's answer is not finished.");
    EventReader reader;
    if (!reader.read_whole(*root, facts, events)) return fail(std::move(*facts.failure));
    return facts;
}

class Upstream final : public UpstreamCodec {
  public:
    [[nodiscard]] std::optional<std::string> path(Kind kind, std::string_view /*model*/,
                                                  bool /*stream*/) const override {
        if (kind == Kind::chat) return "/responses";
        if (kind == Kind::count) return "/responses/input_tokens";
        return std::nullopt;
    }
    [[nodiscard]] std::optional<std::string> path_of(const exchange::Request& request,
                                                     std::string_view endpoint,
                                                     std::string_view model) const override {
        if (endpoint == kCompact) return "/responses/compact";
        return path(request.kind, model, request.stream);
    }
    [[nodiscard]] bool path_varies() const override { return true; }
    [[nodiscard]] std::string encode(const exchange::Request& request,
                                     const UpstreamNeeds& needs) const override {
        return encode_request(request, needs);
    }
    [[nodiscard]] EditPlan edits(const json::Document& document, const UpstreamNeeds& needs) const override {
        return same_dialect_edits(document, needs);
    }
    [[nodiscard]] std::unique_ptr<wire::StreamDecoder> stream(
        const exchange::Request& request) const override {
        return std::make_unique<StreamDecoder>(request.chat().tools);
    }
    [[nodiscard]] std::unique_ptr<Relay> relay(const Relay::Options& options) const override {
        auto decoder = std::make_unique<StreamDecoder>();
        const StreamDecoder* reader = decoder.get();  // lives in the relay, as this function does
        return std::make_unique<EventRelay>(
            std::move(decoder), EventRelay::Framing::sse, options,
            [reader](const Error& error) { return reader->failed_event(error); });
    }
    [[nodiscard]] Result<exchange::Answer> whole(Kind kind, std::string_view body,
                                                 json::Document& scratch) const override {
        EventReader::Events events;
        auto facts = read_answer(kind, body, scratch, events);
        if (!facts) return fail(std::move(facts.error()));
        exchange::Answer answer;
        for (auto& event : events) exchange::fold(answer, std::move(event));
        answer.usage = facts->usage.value_or(exchange::Usage{});
        answer.done = true;
        return answer;
    }
    [[nodiscard]] Result<AnswerFacts> facts(Kind kind, std::string_view body,
                                            json::Document& scratch) const override {
        EventReader::Events events;
        return read_answer(kind, body, scratch, events);
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

}  // namespace hearth::wire::responses

#include "unit/wire/new_dialect/echo/codec.h"

#include <algorithm>

#include "text/json_writer.h"
#include "unit/wire/new_dialect/echo/answer.h"
#include "wire/event_relay.h"
#include "wire/openai/edits.h"
#include "wire/reader.h"

namespace hearth::wire::echo {

namespace {

using exchange::Kind;
using exchange::Role;

constexpr std::pair<std::string_view, Role> kRoles[] = {
    {"system", Role::system}, {"user", Role::user}, {"assistant", Role::assistant}, {"tool", Role::tool}};

Result<exchange::Turn> decode_turn(json::Value value) {
    const auto who = value["who"].as_string();
    const auto* const role = std::ranges::find(kRoles, who, &std::pair<std::string_view, Role>::first);
    if (role == std::end(kRoles)) return fail(Code::invalid_request, "'who' is none of the roles.", "talk");
    exchange::Turn turn;
    turn.role = role->second;
    turn.tool_call_id = value["call"].as_string();
    if (const auto text = value["text"].as_string(); !text.empty())
        turn.parts.emplace_back(exchange::Text{std::string(text), {}});
    for (const auto call : value["calls"].elements()) {
        exchange::ToolCall made;
        made.id = call["id"].as_string();
        made.name = call["name"].as_string();
        made.arguments = call["arguments"].as_string();
        turn.parts.emplace_back(std::move(made));
    }
    return turn;
}

void write_turn(json::Writer& w, const exchange::Turn& turn) {
    const auto role = turn.role == Role::developer ? Role::system : turn.role;
    w.begin_object();
    w.member("who", std::ranges::find(kRoles, role, &std::pair<std::string_view, Role>::second)->first);
    if (!turn.tool_call_id.empty()) w.member("call", turn.tool_call_id);
    std::string text;
    for (const auto& part : turn.parts) {
        if (const auto* one = std::get_if<exchange::Text>(&part)) text += one->text;
    }
    w.member("text", text).key("calls").begin_array();
    for (const auto& part : turn.parts) {
        const auto* call = std::get_if<exchange::ToolCall>(&part);
        if (!call) continue;
        w.begin_object().member("id", call->id).member("name", call->name);
        w.member("arguments", call->arguments).end_object();
    }
    w.end_array().end_object();
}

class Client final : public ClientCodec {
  public:
    [[nodiscard]] Result<exchange::Request> decode(const Call& /*call*/,
                                                   const json::Document& document) const override {
        const json::Value root = document.root();
        exchange::Request request;
        request.dialect = kEcho;
        request.model = root["model"].as_string();
        request.stream = root["stream"].as_bool().value_or(false);
        request.sampling.max_tokens = root["limit"].as_int();
        exchange::Chat chat;
        for (const auto one : root["talk"].elements()) {
            auto turn = decode_turn(one);
            if (!turn) return fail(std::move(turn.error()));
            chat.turns.push_back(std::move(*turn));
        }
        for (const auto one : root["tools"].elements()) {
            auto& tool = chat.tools.emplace_back();
            tool.name = one["name"].as_string();
            tool.description = one["about"].as_string();
            tool.parameters = one["schema"].raw();
        }
        request.body = std::move(chat);
        keep_unknown(request.extra, root, {}, {"model", "stream", "limit", "talk", "tools"});
        return request;
    }
    [[nodiscard]] std::unique_ptr<StreamEncoder> stream(const AnswerContext& context) const override {
        return std::make_unique<LineEncoder>(context);
    }
    [[nodiscard]] std::string whole(const AnswerContext& context,
                                    const exchange::Answer& answer) const override {
        return encode_answer(context, answer);
    }
    [[nodiscard]] ErrorReply error(const Error& error) const override {
        return {.status = http_status(error.code), .body = error_line(error), .retry_after_s = {}};
    }
    [[nodiscard]] std::string_view stream_type(const Call& /*call*/) const override {
        return "application/x-ndjson";
    }
};

class Upstream final : public UpstreamCodec {
  public:
    [[nodiscard]] std::optional<std::string> path(Kind kind, std::string_view /*model*/,
                                                  bool /*stream*/) const override {
        if (kind == Kind::chat) return "/ask";
        return std::nullopt;
    }
    [[nodiscard]] std::string encode(const exchange::Request& request,
                                     const UpstreamNeeds& needs) const override {
        std::string out;
        json::Writer w(out);
        w.begin_object().member("model", needs.model.empty() ? std::string_view(request.model) : needs.model);
        w.member("stream", request.stream);
        if (request.sampling.max_tokens) w.member("limit", *request.sampling.max_tokens);
        w.key("talk").begin_array();
        for (const auto& turn : request.chat().turns) write_turn(w, turn);
        w.end_array().key("tools").begin_array();
        for (const auto& tool : request.chat().tools) {
            w.begin_object().member("name", tool.name).member("about", tool.description);
            w.member_raw("schema", tool.parameters.empty() ? "{}" : tool.parameters).end_object();
        }
        w.end_array().end_object();
        return out;
    }
    [[nodiscard]] EditPlan edits(const json::Document& document, const UpstreamNeeds& needs) const override {
        return openai::model_edits(document, needs);
    }
    [[nodiscard]] std::unique_ptr<StreamDecoder> stream(const exchange::Request& /*request*/) const override {
        return std::make_unique<LineDecoder>();
    }
    [[nodiscard]] std::unique_ptr<Relay> relay(const Relay::Options& options) const override {
        return std::make_unique<EventRelay>(std::make_unique<LineDecoder>(), EventRelay::Framing::ndjson,
                                            options, [](const Error& error) { return error_line(error); });
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

}  // namespace hearth::wire::echo

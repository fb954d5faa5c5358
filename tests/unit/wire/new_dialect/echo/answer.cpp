#include "unit/wire/new_dialect/echo/answer.h"

#include <algorithm>

#include "text/json_writer.h"

namespace hearth::wire::echo {

namespace {

using exchange::FinishReason;

constexpr std::pair<std::string_view, FinishReason> kEnds[] = {
    {"stop", FinishReason::stop}, {"length", FinishReason::length}, {"tools", FinishReason::tool_calls}};

std::string_view end_of(FinishReason reason) {
    const auto* const found =
        std::ranges::find(kEnds, reason, &std::pair<std::string_view, FinishReason>::second);
    return found == std::end(kEnds) ? "stop" : found->first;
}

FinishReason reason_of(std::string_view end) {
    const auto* const found =
        std::ranges::find(kEnds, end, &std::pair<std::string_view, FinishReason>::first);
    return found == std::end(kEnds) ? FinishReason::stop : found->second;
}

void write_end(json::Writer& w, FinishReason reason, const exchange::Usage& usage) {
    w.member("end", end_of(reason)).key("tokens").begin_object();
    w.member("in", usage.input.value_or(0)).member("out", usage.output.value_or(0)).end_object();
}

exchange::Usage usage_of(json::Value tokens) {
    exchange::Usage usage;
    usage.input = tokens["in"].as_int();
    usage.output = tokens["out"].as_int();
    return usage;
}

std::string message_of(json::Value error) {
    return "The upstream reported an error: " + std::string(error.as_string());
}

}  // namespace

std::string error_line(const Error& error) {
    std::string out;
    json::Writer(out).begin_object().member("error", error.message).end_object();
    return out + "\n";
}

std::string encode_answer(const AnswerContext& context, const exchange::Answer& answer) {
    const exchange::Choice none;
    const auto& choice = answer.choices.empty() ? none : answer.choices.front();
    std::string out;
    json::Writer w(out);
    w.begin_object().member("id", context.id).member("model", context.model);
    w.member("text", choice.text + choice.refusal).key("calls").begin_array();
    for (const auto& call : choice.tool_calls) {
        w.begin_object().member("id", call.id).member("name", call.name);
        w.member("arguments", call.arguments).end_object();
    }
    w.end_array();
    write_end(w, choice.finish.value_or(FinishReason::stop), answer.usage);
    w.end_object();
    return out;
}

Result<exchange::Answer> decode_answer(std::string_view body, json::Document& scratch) {
    const auto root = scratch.parse(body);
    if (!root) return fail(Code::upstream_failed, "The upstream's answer is not JSON.");
    if ((*root)["error"]) return fail(Code::upstream_failed, message_of((*root)["error"]));
    if (!(*root)["text"].is_string())
        return fail(Code::upstream_failed, "The upstream's answer has no text.");
    exchange::Answer answer;
    answer.id = (*root)["id"].as_string();
    answer.model = (*root)["model"].as_string();
    auto& choice = answer.choices.emplace_back();
    choice.text = (*root)["text"].as_string();
    for (const auto call : (*root)["calls"].elements()) {
        auto& made = choice.tool_calls.emplace_back();
        made.id = call["id"].as_string();
        made.name = call["name"].as_string();
        made.arguments = call["arguments"].as_string();
    }
    choice.finish = reason_of((*root)["end"].as_string());
    answer.usage = usage_of((*root)["tokens"]);
    answer.done = true;
    return answer;
}

void LineEncoder::write(const exchange::Event& event, std::string& out) {
    if (over_) return;
    json::Writer w(out);
    if (std::holds_alternative<exchange::Started>(event)) {
        w.begin_object().member("id", context_.id).member("model", context_.model).end_object();
    } else if (const auto* text = std::get_if<exchange::TextDelta>(&event)) {
        w.begin_object().member("text", text->text).end_object();
    } else if (const auto* call = std::get_if<exchange::ToolCallDelta>(&event)) {
        w.begin_object().key("call").begin_object().member("at", call->call);
        if (!call->id.empty()) w.member("id", call->id);
        if (!call->name.empty()) w.member("name", call->name);
        w.member("arguments", call->arguments).end_object().end_object();
    } else if (const auto* finish = std::get_if<exchange::Finish>(&event)) {
        reason_ = finish->reason;
        return;
    } else if (const auto* usage = std::get_if<exchange::UsageEvent>(&event)) {
        usage_ = usage->usage;
        return;
    } else if (const auto* error = std::get_if<Error>(&event)) {
        out += error_line(*error);
        over_ = true;
        return;
    } else if (std::holds_alternative<exchange::Done>(event)) {
        w.begin_object();
        write_end(w, reason_, usage_);
        w.end_object();
        over_ = true;
    } else {
        return;  // what its column says is dropped
    }
    out += '\n';
}

void LineDecoder::end(json::Value root, std::vector<exchange::Event>& out) {
    facts_.finish[0] = reason_of(root["end"].as_string());
    facts_.usage = usage_of(root["tokens"]);
    facts_.done = true;
    out.emplace_back(exchange::Finish{0, *facts_.finish[0], {}});
}

void LineDecoder::take(std::string_view line, std::vector<exchange::Event>& out) {
    ++facts_.events;
    const auto root = document_.parse(line);
    if (!root || !root->is_object())
        return set_failure(facts_, Code::upstream_broken,
                           "A line of the upstream's stream is not a JSON object.");
    if ((*root)["error"]) return set_failure(facts_, Code::upstream_failed, message_of((*root)["error"]));
    if ((*root)["end"]) return end(*root, out);
    if ((*root)["id"]) {
        out.emplace_back(exchange::Started{std::string((*root)["id"].as_string()),
                                           std::string((*root)["model"].as_string()), 0});
        return;
    }
    facts_.content = true;
    facts_.choices.set(0);
    if (const auto call = (*root)["call"]) {
        exchange::ToolCallDelta delta;
        delta.call = static_cast<std::int32_t>(call["at"].as_int().value_or(0));
        delta.id = call["id"].as_string();
        delta.name = call["name"].as_string();
        delta.arguments = call["arguments"].as_string();
        out.emplace_back(std::move(delta));
        return;
    }
    out.emplace_back(exchange::TextDelta{0, std::string((*root)["text"].as_string())});
}

void LineDecoder::feed(std::string_view bytes, std::vector<exchange::Event>& out) {
    if (over()) return;
    lines_.feed(bytes);
    std::string_view line;
    while (!over()) {
        const auto more = lines_.next(line);
        if (!more) {
            facts_.failure = more.error();
            return;
        }
        if (!*more) return;
        take(line, out);
    }
}

void LineDecoder::finish(std::vector<exchange::Event>& out) {
    if (!over()) set_failure(facts_, Code::upstream_broken, "The upstream's stream was cut.");
    if (facts_.failure) {
        out.emplace_back(*facts_.failure);
        return;
    }
    out.emplace_back(exchange::UsageEvent{*facts_.usage, {}});
    out.emplace_back(exchange::Done{});
}

}  // namespace hearth::wire::echo

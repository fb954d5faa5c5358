#include "wire/anthropic/encode.h"

#include <algorithm>

#include "wire/anthropic/losses.h"
#include "wire/anthropic/schema.h"
#include "wire/anthropic/thinking.h"

namespace hearth::wire::anthropic {

namespace {

using exchange::Kind;
using exchange::Tool;
using exchange::ToolChoice;
using json::Writer;
using Choice = ToolChoice::Mode;
using Mode = exchange::Thinking::Mode;

// The dialect has no list of allowed tools: the others are not offered.
bool offered(const exchange::Chat& chat, const Tool& tool) {
    if (tool.kind == Tool::Kind::hosted) return false;
    if (!chat.tool_choice || chat.tool_choice->allowed.empty()) return true;
    const auto& allowed = chat.tool_choice->allowed;
    return std::ranges::find(allowed, tool.name) != allowed.end();
}

void write_tool(Writer& w, const Tool& tool) {
    w.begin_object().member("name", tool.name);
    if (!tool.description.empty()) w.member("description", tool.description);
    w.member_raw("input_schema", input_schema(tool.parameters));
    if (tool.strict) w.member("strict", true);
    if (tool.deferred) w.member("defer_loading", true);
    w.end_object();
}

std::string_view choice_word(Choice mode) {
    switch (mode) {
        case Choice::none:
            return "none";
        case Choice::required:
            return "any";
        case Choice::named:
            return "tool";
        case Choice::automatic:
            break;
    }
    return "auto";
}

void write_tools(Writer& w, const exchange::Chat& chat) {
    if (std::ranges::none_of(chat.tools, [&](const Tool& tool) { return offered(chat, tool); })) return;
    w.key("tools").begin_array();
    for (const auto& tool : chat.tools) {
        if (offered(chat, tool)) write_tool(w, tool);
    }
    w.end_array();
    const bool single = chat.parallel_tool_calls == false;
    if (!chat.tool_choice && !single) return;
    auto choice = chat.tool_choice.value_or(ToolChoice{});
    const auto named = std::ranges::find(chat.tools, choice.name, &Tool::name);
    if (choice.mode == Choice::named && (named == chat.tools.end() || !offered(chat, *named)))
        choice.mode = Choice::automatic;  // a tool of the vendor's that has been removed
    w.key("tool_choice").begin_object().member("type", choice_word(choice.mode));
    if (choice.mode == Choice::named) w.member("name", choice.name);
    if (single && choice.mode != Choice::none) w.member("disable_parallel_tool_use", true);
    w.end_object();
}

void write_thinking(Writer& w, const ThinkingPlan& plan) {
    if (plan.mode == Mode::unset) return;
    w.key("thinking").begin_object();
    if (plan.mode == Mode::off) {
        w.member("type", "disabled").end_object();
        return;
    }
    w.member("type", plan.mode == Mode::adaptive ? "adaptive" : "enabled");
    if (plan.mode == Mode::budget) w.member("budget_tokens", plan.budget);
    if (!plan.display.empty()) w.member("display", plan.display);
    w.end_object();
}

// Anthropic has no mode of free JSON: json_object without a schema is left to the prompt, which OpenAI demands to ask for
// JSON anyway.
void write_output_config(Writer& w, const exchange::Chat& chat, const ThinkingPlan& plan) {
    const auto& format = chat.response_format;
    const bool schema = format && !format->schema.empty();
    if (!schema && plan.effort.empty()) return;
    w.key("output_config").begin_object();
    if (!plan.effort.empty()) w.member("effort", plan.effort);
    if (schema) {
        w.key("format").begin_object().member("type", "json_schema");
        w.member_raw("schema", closed_schema(format->schema)).end_object();
    }
    w.end_object();
}

void write_sampling(Writer& w, const exchange::Request& request, const ThinkingPlan& plan) {
    const auto& s = request.sampling;
    const bool own = request.dialect == exchange::Dialect::anthropic;
    const auto sent = sent_sampling(request, plan);
    if (sent.temperature)
        w.member("temperature", own ? *s.temperature : std::min(*s.temperature, 1.0));  // OpenAI's goes to 2
    if (sent.top_p) w.member("top_p", *s.top_p);
    if (sent.top_k) w.member("top_k", *s.top_k);
    if (const auto stops = sent_stops(request); !stops.empty()) {
        w.key("stop_sequences").begin_array();
        for (const auto stop : stops) w.string(stop);
        w.end_array();
    }
    if (request.stream) w.member("stream", true);
    if (!request.user.empty()) w.key("metadata").begin_object().member("user_id", request.user).end_object();
}

}  // namespace

std::string encode_request(const exchange::Request& request, const UpstreamNeeds& needs) {
    std::string out;
    Writer w(out);
    const auto& chat = request.chat();
    const auto plan = plan_thinking(request, needs);
    w.begin_object();
    const std::string_view model = needs.model.empty() ? std::string_view(request.model) : needs.model;
    if (!model.empty()) w.member("model", model);
    if (request.kind == Kind::chat) w.member("max_tokens", plan.max_tokens);
    write_turns(w, request, needs);
    write_tools(w, chat);
    write_thinking(w, plan);
    write_output_config(w, chat, plan);
    if (request.kind == Kind::chat) write_sampling(w, request, plan);
    w.end_object();
    return out;
}

}  // namespace hearth::wire::anthropic

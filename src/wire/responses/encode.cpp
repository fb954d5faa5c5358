// Requests written for an upstream from the exchange form.
#include "wire/responses/encode.h"

#include <fmt/format.h>

#include "base/fnv1a.h"
#include "wire/opaque.h"
#include "wire/responses/names.h"
#include "wire/responses/request.h"

namespace hearth::wire::responses {

namespace {

using exchange::Role;
using exchange::Turn;
using json::Writer;

constexpr std::size_t kMarkBytes = 64;           // user, prompt_cache_key: the vendor refuses longer ones
constexpr std::int64_t kLeastOutputTokens = 16;  // and smaller limits

bool is_instruction(const Turn& turn) {
    return turn.role == Role::system && std::ranges::all_of(turn.parts, [](const exchange::Part& part) {
               return std::holds_alternative<exchange::Text>(part);
           });
}

// The system turns at the very front. Later ones stay where they are, or the prompt's beginning would change; and where
// there is nothing else they are the input, which must not be empty.
std::size_t leading(const std::vector<Turn>& turns) {
    const auto first = std::ranges::find_if_not(turns, is_instruction);
    return first == turns.end() ? 0 : static_cast<std::size_t>(first - turns.begin());
}

std::string joined(const std::vector<Turn>& turns, std::size_t count) {
    std::string out;
    bool first = true;
    for (std::size_t i = 0; i < count; ++i) {
        for (const auto& part : turns[i].parts) {
            if (!first) out += '\n';
            first = false;
            out += std::get<exchange::Text>(part).text;
        }
    }
    return out;
}

// Long marks only have to stay alike and unlike others.
std::string mark(std::string_view text) {
    if (text.size() <= kMarkBytes) return std::string(text);
    return fmt::format("{}-{:016x}", text.substr(0, 8), fnv1a(text));
}

bool has_own_reasoning(const exchange::Request& request, const UpstreamNeeds& needs) {
    for (const auto& turn : request.chat().turns) {
        for (const auto& part : turn.parts) {
            const auto* thought = std::get_if<exchange::Reasoning>(&part);
            if (thought != nullptr &&
                may_carry(thought->opaque, needs.provider, request.dialect, exchange::Dialect::responses))
                return true;
        }
    }
    return false;
}

bool thinks(const exchange::Chat& chat) {
    using Mode = exchange::Thinking::Mode;
    if (!chat.reasoning_effort.empty()) return chat.reasoning_effort != "none";
    return chat.thinking.mode == Mode::adaptive || chat.thinking.mode == Mode::budget;
}

// "full" and what Anthropic's clients leave unsaid mean that thinking is to be seen; here there are summaries of it.
std::string_view summary_of(const exchange::Chat& chat) {
    using Mode = exchange::Thinking::Mode;
    const std::string& show = chat.thinking.show;
    if (show == "auto" || show == "concise" || show == "detailed") return show;
    const bool asked = chat.thinking.mode == Mode::adaptive || chat.thinking.mode == Mode::budget;
    return show == "full" || (show.empty() && asked) ? "auto" : "";
}

void write_reasoning(Writer& w, const exchange::Chat& chat) {
    const auto summary = summary_of(chat);
    if (chat.reasoning_effort.empty() && summary.empty()) return;
    w.key("reasoning").begin_object();
    if (!chat.reasoning_effort.empty()) w.member("effort", chat.reasoning_effort);
    if (!summary.empty()) w.member("summary", summary);
    w.end_object();
}

void write_text_options(Writer& w, const exchange::Chat& chat) {
    if (!chat.response_format && chat.verbosity.empty()) return;
    w.key("text").begin_object();
    if (chat.response_format) {
        w.key("format");
        write_format(w, *chat.response_format);
    }
    if (!chat.verbosity.empty()) w.member("verbosity", chat.verbosity);
    w.end_object();
}

void write_chat(Writer& w, const exchange::Request& request, const UpstreamNeeds& needs) {
    const auto& chat = request.chat();
    const ToolStyle style{.spaces = request.dialect == exchange::Dialect::responses};
    const std::size_t skip = leading(chat.turns);
    if (skip > 0) w.member("instructions", joined(chat.turns, skip));
    w.key("input");
    write_input(w, request, skip, style, needs);
    const bool any = std::ranges::any_of(
        chat.tools, [](const exchange::Tool& tool) { return tool.kind != exchange::Tool::Kind::hosted; });
    if (any) {
        w.key("tools");
        write_tools(w, chat.tools, style);
    }
    if (chat.tool_choice) {
        w.key("tool_choice");
        write_tool_choice(w, chat, style);
    }
    if (chat.parallel_tool_calls) w.member("parallel_tool_calls", *chat.parallel_tool_calls);
    write_text_options(w, chat);
    write_reasoning(w, chat);
}

// What only asking for an answer needs; a count is asked without it.
void write_answer_options(Writer& w, const exchange::Request& request, const UpstreamNeeds& needs) {
    const auto& s = request.sampling;
    if (s.max_tokens) w.member("max_output_tokens", std::max(*s.max_tokens, kLeastOutputTokens));
    if (s.temperature) w.member("temperature", *s.temperature);
    if (s.top_p) w.member("top_p", *s.top_p);
    if (s.presence_penalty) w.member("presence_penalty", *s.presence_penalty);
    if (s.frequency_penalty) w.member("frequency_penalty", *s.frequency_penalty);
    if (s.top_logprobs > 0) w.member("top_logprobs", s.top_logprobs);
    const bool encrypted = thinks(request.chat()) || has_own_reasoning(request, needs);
    if (encrypted || s.logprobs) {
        w.key("include").begin_array();
        if (encrypted) w.string("reasoning.encrypted_content");
        if (s.logprobs) w.string("message.output_text.logprobs");
        w.end_array();
    }
    w.member("store", request.store.value_or(false));
    if (!request.cache_key.empty()) w.member("prompt_cache_key", mark(request.cache_key));
    if (!request.user.empty()) w.member("user", mark(request.user));
    if (request.stream) w.member("stream", true);
}

}  // namespace

std::string encode_request(const exchange::Request& request, const UpstreamNeeds& needs) {
    std::string out;
    Writer w(out);
    w.begin_object();
    const std::string_view model = needs.model.empty() ? std::string_view(request.model) : needs.model;
    if (!model.empty()) w.member("model", model);
    write_chat(w, request, needs);
    if (request.kind != exchange::Kind::count) write_answer_options(w, request, needs);
    w.end_object();
    return out;
}

}  // namespace hearth::wire::responses

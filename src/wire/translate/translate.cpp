#include "wire/translate/translate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "text/utf8.h"
#include "wire/translate/parts.h"

namespace hearth::wire {

namespace {

using namespace exchange;

// Unknown fields without which the answer would be another one: they are refused, not removed.
constexpr std::string_view kEssential[] = {"conversation", "prompt", "mcp_servers", "cachedContent",
                                           "cached_content"};

Result<void> refuse(const Features& found, const Request& request, const Translation& translation) {
    for (const auto& row : feature_table()) {
        if (!found[static_cast<std::size_t>(row.feature)] ||
            translation.support(row.feature) != Support::rejected)
            continue;
        return fail(Code::invalid_request,
                    fmt::format("{} cannot be sent {}: its dialect ({}) does not support it.",
                                translation.target.provider, row.what, translation.target_row.name));
    }
    for (const auto& field : request.extra) {
        const bool background = field.key == "background" && field.json == "true";
        if (!background && std::ranges::find(kEssential, field.key) == std::end(kEssential)) continue;
        return fail(
            Code::invalid_request,
            fmt::format("'{}' is not known to {} ({}), and without it the answer would be another one.",
                        field.key, translation.target.provider, translation.target_row.name),
            field.key);
    }
    return {};
}

std::string names_of(const std::vector<RawField>& fields) {
    constexpr std::size_t kMost = 8;
    std::vector<std::string_view> names;
    for (const auto& field : fields) {
        if (names.size() < kMost) names.push_back(text::utf8_prefix(field.key, 64));
    }
    const auto more =
        fields.size() > kMost ? fmt::format(" and {} more", fields.size() - kMost) : std::string();
    return fmt::format("{}{}", fmt::join(names, ", "), more);
}

// Thinking goes on to who takes plain text, and thinking and its state to who made it: nothing is lost there.
bool is_left_behind(Feature feature, const Chat& chat, const Translation& translation) {
    const auto& target = translation.target;
    const bool state = feature == Feature::opaque_state;
    if (!state && target.reasoning_content) return false;
    const bool has_place = translation.target_row.requests->can_send(Feature::opaque_state);
    const auto lost = [&](const Opaque& opaque) { return !has_place || !translation.carries(opaque); };
    for (const auto& turn : chat.turns) {
        for (const auto& part : turn.parts) {
            const auto* thought = std::get_if<Reasoning>(&part);
            const auto* call = std::get_if<ToolCall>(&part);
            const bool some = thought ? !(state ? thought->opaque.data : thought->text).empty()
                                      : state && call && !call->opaque.data.empty();
            if (some && lost(thought ? thought->opaque : call->opaque)) return true;
        }
    }
    return false;
}

std::vector<std::string> warn(const Features& found, const Request& request, const Translation& translation) {
    std::vector<std::string> warnings;
    for (const auto& row : feature_table()) {
        if (!found[static_cast<std::size_t>(row.feature)] ||
            translation.support(row.feature) != Support::dropped)
            continue;
        if (row.feature == Feature::unknown_fields && !request.extra.empty()) {
            warnings.push_back(fmt::format("unknown_fields: {} not sent to {}", names_of(request.extra),
                                           translation.target.provider));
            continue;
        }
        const bool thinking =
            row.feature == Feature::earlier_thinking || row.feature == Feature::opaque_state;
        if (thinking && !is_left_behind(row.feature, request.chat(), translation)) continue;
        warnings.push_back(
            fmt::format("{}: {} not sent to {}", row.name, row.what, translation.target.provider));
    }
    return warnings;
}

// Calls and their results belong together: whoever gets one without the other answers with an error of its own, and with
// others' ids that the client never sees.
Result<void> check_calls(const Chat& chat) {
    std::vector<std::string_view> open, seen;
    const auto unanswered = [&](std::size_t index) {
        return fail(
            Code::invalid_request,
            fmt::format(
                "An assistant message with tool calls must be followed by tool messages responding to "
                "each of them; {} have no result.",
                open.size()),
            fmt::format("messages[{}]", index));
    };
    for (std::size_t i = 0; i < chat.turns.size(); ++i) {
        const auto& turn = chat.turns[i];
        if (turn.role == Role::tool) {
            const auto call = std::ranges::find(open, turn.tool_call_id);
            if (call == open.end()) {
                return fail(
                    Code::invalid_request,
                    "A tool's result must follow the assistant message with the call that it answers; there "
                    "is no open call with its id.",
                    fmt::format("messages[{}].tool_call_id", i));
            }
            open.erase(call);
            continue;
        }
        if (!open.empty() && turn.role != Role::system && turn.role != Role::developer) return unanswered(i);
        for (const auto& part : turn.parts) {
            const auto* call = std::get_if<ToolCall>(&part);
            if (!call) continue;
            if (std::ranges::find(open, call->id) != open.end()) {
                return fail(Code::invalid_request, "Two tool calls of one message have the same id.",
                            fmt::format("messages[{}].tool_calls", i));
            }
            open.emplace_back(call->id);
        }
    }
    if (!open.empty()) return unanswered(chat.turns.size() - 1);
    return {};
}

std::string effort_of(std::int64_t budget) {
    return budget <= 1024 ? "low" : budget <= 8192 ? "medium" : "high";
}

void translate_thinking(const Translation& translation, Chat& chat) {
    auto& thinking = chat.thinking;
    const bool thinks = thinking.mode != Thinking::Mode::unset && thinking.mode != Thinking::Mode::off;
    if (translation.support(Feature::thinking_budget) == Support::mapped &&
        thinking.mode == Thinking::Mode::budget) {
        if (chat.reasoning_effort.empty() && thinking.budget_tokens.value_or(-1) >= 0)
            chat.reasoning_effort = effort_of(*thinking.budget_tokens);
        // The source shows thinking by default, which a bare effort does not ask for.
        const bool unsaid = thinking.show.empty() && translation.source_row.rules.shows_thinking;
        thinking = {.show = unsaid ? "full" : thinking.show};
    }
    // An effort that is about all of an answer goes only with thinking: OpenAI's models without it would reject it.
    if (translation.source_row.rules.general_effort && !thinks) chat.reasoning_effort.clear();
    const auto& target = translation.target_row.rules;
    if (target.effort_none && thinking.mode == Thinking::Mode::off) chat.reasoning_effort = "none";
    if (!target.highest_effort.empty() && chat.reasoning_effort == "max")
        chat.reasoning_effort = target.highest_effort;
}

bool forces_missing_tool(const Chat& chat) {
    if (!chat.tool_choice) return false;
    const auto& choice = *chat.tool_choice;
    if (choice.mode == ToolChoice::Mode::required) return chat.tools.empty();
    return choice.mode == ToolChoice::Mode::named &&
           std::ranges::find(chat.tools, choice.name, &Tool::name) == chat.tools.end();
}

void translate_sampling(const Translation& translation, Request& out) {
    const auto lost = [&](Feature feature) { return translation.support(feature) == Support::dropped; };
    auto& s = out.sampling;
    // 0 and -1 mean "among all tokens" to local servers, which is these targets' default.
    if (lost(Feature::top_k) || (translation.target_row.rules.positive_top_k && s.top_k.value_or(1) <= 0))
        s.top_k.reset();
    if (lost(Feature::other_samplers)) s.min_p.reset(), s.repeat_penalty.reset();
    if (lost(Feature::penalties)) s.presence_penalty.reset(), s.frequency_penalty.reset();
    if (lost(Feature::seed)) s.seed.reset();
    if (lost(Feature::logit_bias)) s.logit_bias.clear();
    if (lost(Feature::user)) out.user.clear();
    if (lost(Feature::cache_key)) out.cache_key.clear();
    if (lost(Feature::context_size)) out.context_tokens.reset();
    if (lost(Feature::keep_in_memory)) out.keep_alive_s.reset();
    out.extra.clear();
}

}  // namespace

Result<Translated> translate_request(const Request& request, const Target& target) {
    const Translation translation(target, request.dialect);
    const auto found = features_of(request);
    if (auto refused = refuse(found, request, translation); !refused) return fail(std::move(refused.error()));
    Translated out{request, warn(found, request, translation)};
    translate_sampling(translation, out.request);
    auto* chat = std::get_if<Chat>(&out.request.body);
    if (!chat) return out;
    if (auto checked = check_calls(*chat); !checked) return fail(std::move(checked.error()));
    translate_tools(translation, *chat, out.warnings);
    translate_turns(translation, *chat);
    translate_thinking(translation, *chat);
    if (translation.support(Feature::verbosity) == Support::dropped) chat->verbosity.clear();
    if (translation.support(Feature::one_call_at_a_time) == Support::dropped)
        chat->parallel_tool_calls.reset();
    if (found[static_cast<std::size_t>(Feature::hosted_tool)] && forces_missing_tool(*chat)) {
        return fail(Code::invalid_request,
                    fmt::format("The tool that is asked for runs at another vendor; {} has no such tool.",
                                target.provider),
                    "tool_choice");
    }
    if (chat->tools.empty()) {
        chat->tool_choice.reset();
        chat->parallel_tool_calls.reset();
    }
    if (translation.target_row.rules.prepare) translation.target_row.rules.prepare(*chat);
    if (chat->turns.empty())
        return fail(Code::invalid_request, "Nothing is left to be asked: the conversation is empty.",
                    "messages");
    return out;
}

}  // namespace hearth::wire

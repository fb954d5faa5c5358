// What a request makes use of.
#include "wire/translate/features.h"

#include <algorithm>

namespace hearth::wire {

namespace {

using namespace exchange;

bool marks_cache(const std::vector<RawField>& extra) {
    return std::ranges::any_of(extra, [](const RawField& field) {
        return field.key == "cache_control" || field.key == "prompt_cache_breakpoint";
    });
}

// What a vendor's tool asked and answered (server_tool_use, web_search_call, tool_search_output) is history that the
// other vendor has no place for; a part that the user sent (a video) is a question that must not go missing.
bool tells_of_hosted_tools(const Foreign& part, const Turn& turn) {
    if (turn.role == Role::assistant || turn.role == Role::tool) return true;
    const std::string_view type = part.type;
    return type.ends_with("_output") || type.ends_with("_tool_result") || type.ends_with("_reference") ||
           type.ends_with("_trigger") || type == "compaction";
}

struct Finder {
    Features& found;
    const Turn& turn;

    void set(Feature feature) const { found.set(static_cast<std::size_t>(feature)); }
    void extra(const std::vector<RawField>& fields) const {
        if (marks_cache(fields)) set(Feature::cache_marks);
        // Fields of a part (a citation's details, a video's frame rate) describe; dropping them is counted.
        const auto marks = marks_cache(fields) ? 1U : 0U;
        if (fields.size() > marks) set(Feature::unknown_fields);
    }

    void operator()(const Text& p) const {
        set(Feature::text);
        extra(p.extra);
    }
    void operator()(const Image& p) const {
        set(!p.data.empty()  ? Feature::image_data
            : !p.url.empty() ? Feature::image_url
                             : Feature::image_file_id);
        if (turn.role == Role::tool) set(Feature::tool_result_image);
        extra(p.extra);
    }
    void operator()(const Audio& p) const {
        set(Feature::audio);
        extra(p.extra);
    }
    void operator()(const File& p) const {
        set(!p.text.empty()   ? Feature::document_text
            : !p.data.empty() ? Feature::document_data
            : !p.url.empty()  ? Feature::document_url
                              : Feature::document_file_id);
        extra(p.extra);
    }
    void operator()(const Refusal&) const { set(Feature::refusal); }
    void operator()(const Foreign& p) const {
        set(tells_of_hosted_tools(p, turn) ? Feature::hosted_history : Feature::foreign_part);
    }
    void operator()(const Reasoning& p) const {
        if (!p.text.empty()) set(Feature::earlier_thinking);
        if (!p.opaque.data.empty()) set(Feature::opaque_state);
    }
    void operator()(const ToolCall& p) const {
        if (!p.opaque.data.empty()) set(Feature::opaque_state);
        extra(p.extra);
    }
    void operator()(const ToolReference&) const {}
};

void find_in_turns(const Chat& chat, Features& found) {
    bool talking = false;  // something other than system text has been said
    for (const auto& turn : chat.turns) {
        const Finder finder{found, turn};
        const bool system = turn.role == Role::system || turn.role == Role::developer;
        if (system) finder.set(talking ? Feature::system_in_the_middle : Feature::system_prompt);
        talking = talking || !system;
        if (turn.is_error) finder.set(Feature::tool_result_error);
        for (const auto& part : turn.parts) std::visit(finder, part);
        finder.extra(turn.extra);
    }
}

void find_in_tools(const Chat& chat, Features& found) {
    const auto set = [&](Feature feature, bool yes = true) {
        if (yes) found.set(static_cast<std::size_t>(feature));
    };
    for (const auto& tool : chat.tools) {
        set(tool.kind == Tool::Kind::hosted   ? Feature::hosted_tool
            : tool.kind == Tool::Kind::custom ? Feature::custom_tool
                                              : Feature::function_tool);
        set(Feature::tool_namespace, !tool.space.empty());
        set(Feature::deferred_tool, tool.deferred);
        set(Feature::tool_strict, tool.strict);
        set(Feature::cache_marks, marks_cache(tool.extra));
    }
    if (const auto& choice = chat.tool_choice) {
        set(Feature::tool_choice_forced,
            choice->mode == ToolChoice::Mode::required || choice->mode == ToolChoice::Mode::named);
        set(Feature::allowed_tools, !choice->allowed.empty());
    }
    set(Feature::one_call_at_a_time, !chat.tools.empty() && chat.parallel_tool_calls == false);
}

void find_in_sampling(const Sampling& s, Features& found) {
    const auto set = [&](Feature feature, bool yes) {
        if (yes) found.set(static_cast<std::size_t>(feature));
    };
    set(Feature::stop_sequences, !s.stop.empty());
    set(Feature::max_tokens, s.max_tokens.has_value());
    set(Feature::temperature, s.temperature || s.top_p);
    set(Feature::top_k, s.top_k.has_value());
    set(Feature::other_samplers, s.min_p || s.repeat_penalty);
    set(Feature::penalties, s.presence_penalty.value_or(0) != 0 || s.frequency_penalty.value_or(0) != 0);
    set(Feature::seed, s.seed.has_value());
    set(Feature::logit_bias, !s.logit_bias.empty());
    set(Feature::logprobs, s.logprobs);
    set(Feature::grammar, !s.grammar.empty());
}

}  // namespace

Features features_of(const Request& request) {
    Features found;
    const auto set = [&](Feature feature, bool yes) {
        if (yes) found.set(static_cast<std::size_t>(feature));
    };
    if (const auto* chat = std::get_if<Chat>(&request.body)) {
        find_in_turns(*chat, found);
        find_in_tools(*chat, found);
        if (const auto& format = chat->response_format) {
            set(Feature::json_object, format->kind == ResponseFormat::Kind::json_object);
            set(Feature::json_schema, format->kind == ResponseFormat::Kind::json_schema);
        }
        set(Feature::effort, !chat->reasoning_effort.empty());
        set(Feature::thinking_budget, chat->thinking.mode == Thinking::Mode::budget);
        set(Feature::verbosity, !chat->verbosity.empty());
    }
    const auto numbers = [](const auto& inputs) {
        return std::ranges::any_of(inputs,
                                   [](const auto& one) { return std::holds_alternative<TokenIds>(one); });
    };
    if (const auto* completion = std::get_if<Completion>(&request.body))
        set(Feature::token_ids, numbers(completion->prompts));
    if (const auto* embedding = std::get_if<Embedding>(&request.body))
        set(Feature::token_ids, numbers(embedding->inputs));
    find_in_sampling(request.sampling, found);
    set(Feature::several_choices, request.n > 1);
    set(Feature::user, !request.user.empty());
    set(Feature::cache_key, !request.cache_key.empty());
    set(Feature::cache_marks, marks_cache(request.extra));
    set(Feature::context_size, request.context_tokens.has_value());
    set(Feature::keep_in_memory, request.keep_alive_s.has_value());
    set(Feature::unknown_fields, !request.extra.empty());
    return found;
}

}  // namespace hearth::wire

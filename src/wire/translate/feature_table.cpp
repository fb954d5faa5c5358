#include "wire/translate/features.h"

namespace hearth::wire {

namespace {

// In the order of Feature.
constexpr FeatureRow kTable[] = {
    {Feature::system_prompt, "system_prompt", "a system prompt", ""},
    {Feature::system_in_the_middle, "system_in_the_middle", "system messages in the middle of a conversation",
     "as user text in the same place"},
    {Feature::text, "text", "text", ""},
    {Feature::image_data, "image_data", "images", ""},
    {Feature::image_url, "image_url", "image URLs", ""},
    {Feature::image_file_id, "image_file_id", "images stored at a provider", ""},
    {Feature::audio, "audio", "audio", ""},
    {Feature::document_data, "document_data", "documents", ""},
    {Feature::document_url, "document_url", "document URLs", ""},
    {Feature::document_file_id, "document_file_id", "documents stored at a provider", ""},
    {Feature::document_text, "document_text", "plain-text documents", "as text after the document's name"},
    {Feature::foreign_part, "foreign_part", "content parts that only the client's dialect has", ""},
    {Feature::hosted_history, "hosted_history", "earlier results of hosted tools", ""},
    {Feature::function_tool, "function_tool", "function tools", ""},
    {Feature::custom_tool, "custom_tool", "free-form tools",
     "as a function with one string parameter, \"input\"; calls are converted back"},
    {Feature::hosted_tool, "hosted_tool", "hosted tools", ""},
    {Feature::tool_namespace, "tool_namespace", "tool namespaces",
     "the namespace becomes part of the name; calls are converted back"},
    {Feature::deferred_tool, "deferred_tool", "deferred tools",
     "left out until a tool result references them, then appended"},
    {Feature::tool_strict, "tool_strict", "strict tool arguments", ""},
    {Feature::tool_choice_forced, "tool_choice_forced", "a forced tool choice", ""},
    {Feature::allowed_tools, "allowed_tools", "a tool choice among some of the tools",
     "the other tools are left out"},
    {Feature::one_call_at_a_time, "one_call_at_a_time", "a limit to one tool call at a time", ""},
    {Feature::tool_result_image, "tool_result_image", "images in tool results",
     "in a user message after the results"},
    {Feature::tool_result_error, "tool_result_error", "error flags of tool results",
     "\"Error: \" before the text"},
    {Feature::earlier_thinking, "earlier_thinking", "earlier thinking", ""},
    {Feature::opaque_state, "opaque_state", "signatures and encrypted thinking", ""},
    {Feature::refusal, "refusal", "earlier refusals", "as text"},
    {Feature::json_object, "json_object", "JSON mode", ""},
    {Feature::json_schema, "json_schema", "structured output by a JSON schema", ""},
    {Feature::stop_sequences, "stop_sequences", "stop sequences", ""},
    {Feature::max_tokens, "max_tokens", "a token limit", ""},
    {Feature::temperature, "temperature", "temperature and top_p", ""},
    {Feature::top_k, "top_k", "top_k", ""},
    {Feature::other_samplers, "other_samplers", "min_p and repeat_penalty", ""},
    {Feature::penalties, "penalties", "presence and frequency penalties", ""},
    {Feature::seed, "seed", "a seed", ""},
    {Feature::logit_bias, "logit_bias", "logit_bias", ""},
    {Feature::logprobs, "logprobs", "log-probabilities", ""},
    {Feature::several_choices, "several_choices", "more than one choice (n)", ""},
    {Feature::grammar, "grammar", "a grammar", ""},
    {Feature::token_ids, "token_ids", "token IDs", ""},
    {Feature::effort, "effort", "a reasoning effort", "as a budget or level of the target"},
    {Feature::thinking_budget, "thinking_budget", "a thinking budget",
     "as an effort: up to 1024 tokens low, up to 8192 medium, above high"},
    {Feature::verbosity, "verbosity", "verbosity", ""},
    {Feature::user, "user", "a user ID", ""},
    {Feature::cache_key, "cache_key", "a prompt cache key", ""},
    {Feature::cache_marks, "cache_marks", "prompt cache breakpoints", ""},
    {Feature::context_size, "context_size", "a context size (num_ctx)", ""},
    {Feature::keep_in_memory, "keep_in_memory", "keep_alive", ""},
    {Feature::unknown_fields, "unknown_fields", "fields that the target does not know", ""},
};

consteval bool in_order() {
    for (std::size_t i = 0; i < std::size(kTable); ++i) {
        if (static_cast<std::size_t>(kTable[i].feature) != i) return false;
    }
    return std::size(kTable) == kFeatures;
}
static_assert(in_order());

}  // namespace

std::string_view support_name(Support support) {
    constexpr std::string_view kNames[] = {"native", "mapped", "dropped", "rejected"};
    return kNames[static_cast<std::size_t>(support)];
}

std::span<const FeatureRow> feature_table() {
    return kTable;
}

}  // namespace hearth::wire

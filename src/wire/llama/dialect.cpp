// The row of llama-server's own API in the table of dialects (wire/dialects.h).
#include "wire/llama/codec.h"

#include "wire/dialects.h"

namespace hearth::wire::llama {

namespace {

using exchange::Kind;

constexpr EndpointRow kEndpoints[] = {
    {.path = "/completion", .kind = Kind::completion, .name = "completion"},
    {.path = "/completions", .kind = Kind::completion, .name = "completion"},
    {.path = "/infill", .kind = Kind::completion, .name = "infill"},
    {.path = "/props", .method = {}, .use = EndpointUse::compat},
    {.path = "/slots", .method = {}, .use = EndpointUse::compat},
    {.path = "/tokenize", .method = {}, .use = EndpointUse::compat},
    {.path = "/detokenize", .method = {}, .use = EndpointUse::compat},
    {.path = "/apply-template", .method = {}, .use = EndpointUse::compat},
};
constexpr UpstreamForm kUpstreams[] = {{"", upstream_codec}};

consteval RequestColumn requests() {
    using enum Feature;
    return RequestColumn::Builder{}
        .native({text, json_object, json_schema, stop_sequences, max_tokens, temperature, top_k,
                 other_samplers, penalties, seed, logit_bias, logprobs, grammar, token_ids})
        .mapped({{system_prompt, "as text before the prompt"}, system_in_the_middle, document_text, refusal})
        .dropped({hosted_history, hosted_tool, earlier_thinking, opaque_state, effort, thinking_budget,
                  verbosity, user, cache_key, cache_marks, context_size, keep_in_memory, unknown_fields})
        .rejected({image_data, image_url, image_file_id, audio, document_data, document_url, document_file_id,
                   foreign_part, function_tool, custom_tool, tool_namespace, deferred_tool, tool_strict,
                   tool_choice_forced, allowed_tools, one_call_at_a_time, tool_result_image,
                   tool_result_error, several_choices})
        .clients_send({text, json_schema, stop_sequences, max_tokens, temperature, top_k, other_samplers,
                       penalties, seed, logit_bias, logprobs, grammar, token_ids, unknown_fields})
        .build();
}

consteval AnswerColumn answers() {
    using enum AnswerFeature;
    return AnswerColumn::Builder{}
        .native({text, logprobs, finish_length, stop_sequence, tokens, timings})
        .mapped({{finish_filter, "as an ordinary end"}, finish_pause, {cached_tokens, "in the timings"}})
        .dropped({thinking, thinking_signature, refusal, tool_call, argument_pieces, call_id, citation, media,
                  cache_written_tokens, thinking_tokens})
        .build();
}

constexpr RequestColumn kRequests = requests();
constexpr AnswerColumn kAnswers = answers();

}  // namespace

constinit const DialectRow kDialect{
    .name = "llama",
    .client = client_codec,
    .endpoints = kEndpoints,
    .model_optional = true,
    .upstreams = kUpstreams,
    .requests = &kRequests,
    .answers = &kAnswers,
};

}  // namespace hearth::wire::llama

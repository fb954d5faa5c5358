// The row of Ollama's own API in the table of dialects (wire/dialects.h).
#include "wire/ollama/codec.h"

#include "wire/dialects.h"

namespace hearth::wire::ollama {

namespace {

using exchange::Kind;

// Which shape a request has, its decoder finds out. The rest below /api/ is the API that manages models.
constexpr EndpointRow kEndpoints[] = {
    {.path = "/api/chat", .name = "chat"},
    {.path = "/api/generate", .name = "generate"},
    {.path = "/api/embed", .kind = Kind::embedding, .name = "embed"},
    {.path = "/api/embeddings", .kind = Kind::embedding, .name = "embeddings"},
    {.path = "/api/", .method = {}, .use = EndpointUse::compat, .prefix = true},
};
constexpr std::string_view kPathPrefixes[] = {"/api/"};
constexpr UpstreamForm kUpstreams[] = {{"", upstream_codec}};

consteval RequestColumn requests() {
    using enum Feature;
    return RequestColumn::Builder{}
        .native({system_prompt, system_in_the_middle, text, image_data, function_tool, tool_result_image,
                 earlier_thinking, json_object, json_schema, stop_sequences, max_tokens, temperature, top_k,
                 other_samplers, penalties, seed, context_size, keep_in_memory})
        .mapped({document_text, custom_tool, tool_namespace, deferred_tool, allowed_tools, tool_result_error,
                 refusal, effort, thinking_budget})
        .dropped({hosted_history, hosted_tool, tool_strict, tool_choice_forced, one_call_at_a_time,
                  opaque_state, logit_bias, verbosity, user, cache_key, cache_marks, unknown_fields})
        .rejected({image_url, image_file_id, audio, document_data, document_url, document_file_id,
                   foreign_part, logprobs, several_choices, grammar, token_ids})
        .clients_send({system_prompt,
                       system_in_the_middle,
                       text,
                       image_data,
                       function_tool,
                       tool_result_image,
                       earlier_thinking,
                       json_object,
                       json_schema,
                       stop_sequences,
                       max_tokens,
                       temperature,
                       top_k,
                       other_samplers,
                       penalties,
                       seed,
                       logprobs,
                       effort,
                       context_size,
                       keep_in_memory,
                       unknown_fields})
        .build();
}

consteval AnswerColumn answers() {
    using enum AnswerFeature;
    return AnswerColumn::Builder{}
        .native({text, thinking, tool_call, call_id, logprobs, finish_length, tokens, timings})
        .mapped(
            {refusal, argument_pieces, {finish_filter, "as an ordinary end"}, finish_pause, stop_sequence})
        .dropped({thinking_signature, citation, media, cached_tokens, cache_written_tokens, thinking_tokens})
        .build();
}

constexpr RequestColumn kRequests = requests();
constexpr AnswerColumn kAnswers = answers();

}  // namespace

constinit const DialectRow kDialect{
    .name = "ollama",
    .client = client_codec,
    .endpoints = kEndpoints,
    .path_prefixes = kPathPrefixes,
    .upstreams = kUpstreams,
    .stream_type = "application/x-ndjson",
    .rules = {.effort_none = true},
    .requests = &kRequests,
    .answers = &kAnswers,
};

}  // namespace hearth::wire::ollama

// The row of OpenAI Responses in the table of dialects (wire/dialects.h).
#include "wire/responses/codec.h"

#include "wire/dialects.h"

namespace hearth::wire::responses {

namespace {

using exchange::Kind;

constexpr EndpointRow kEndpoints[] = {
    {.path = "/v1/responses"},
    {.path = "/v1/responses/compact", .name = "compact"},
    {.path = "/v1/responses/input_tokens", .kind = Kind::count},
    {.path = "/v1/responses/", .method = {}, .use = EndpointUse::stored_response, .prefix = true},
    {.path = "/v1/responses", .method = "GET", .use = EndpointUse::socket},
};
constexpr std::string_view kPathPrefixes[] = {"/v1/responses"};
constexpr UpstreamForm kUpstreams[] = {{"", upstream_codec}};

consteval RequestColumn::Builder support() {
    using enum Feature;
    return RequestColumn::Builder{}
        .native({system_prompt,
                 system_in_the_middle,
                 text,
                 image_data,
                 image_url,
                 image_file_id,
                 audio,
                 document_data,
                 document_url,
                 document_file_id,
                 function_tool,
                 custom_tool,
                 tool_namespace,
                 tool_strict,
                 tool_choice_forced,
                 allowed_tools,
                 one_call_at_a_time,
                 tool_result_image,
                 refusal,
                 json_object,
                 json_schema,
                 max_tokens,
                 temperature,
                 logprobs,
                 effort,
                 verbosity,
                 user,
                 cache_key})
        .mapped({document_text, deferred_tool, tool_result_error, thinking_budget})
        .dropped({hosted_history, hosted_tool, earlier_thinking, opaque_state, top_k, other_samplers,
                  penalties, seed, logit_bias, cache_marks, context_size, keep_in_memory, unknown_fields})
        .rejected({foreign_part, stop_sequences, several_choices, grammar, token_ids});
}

consteval RequestColumn requests() {
    using enum Feature;
    return support()
        .clients_send({system_prompt,
                       system_in_the_middle,
                       text,
                       image_data,
                       image_url,
                       image_file_id,
                       audio,
                       document_data,
                       document_url,
                       document_file_id,
                       foreign_part,
                       hosted_history,
                       function_tool,
                       custom_tool,
                       hosted_tool,
                       tool_namespace,
                       deferred_tool,
                       tool_strict,
                       tool_choice_forced,
                       allowed_tools,
                       one_call_at_a_time,
                       tool_result_image,
                       earlier_thinking,
                       opaque_state,
                       refusal,
                       json_object,
                       json_schema,
                       max_tokens,
                       temperature,
                       penalties,
                       logprobs,
                       effort,
                       verbosity,
                       user,
                       cache_key,
                       unknown_fields})
        .build();
}

consteval AnswerColumn answers() {
    using enum AnswerFeature;
    return AnswerColumn::Builder{}
        .native({text, thinking_signature, refusal, tool_call, argument_pieces, call_id, citation, media,
                 logprobs, finish_length, finish_filter, tokens, cached_tokens, cache_written_tokens,
                 thinking_tokens})
        .mapped({{thinking, "as a summary"}, finish_pause, stop_sequence})
        .dropped({timings})
        .build();
}

constexpr RequestColumn kRequests = requests();
constexpr AnswerColumn kAnswers = answers();

}  // namespace

constinit const DialectRow kDialect{
    .name = "responses",
    .client = client_codec,
    .endpoints = kEndpoints,
    .path_prefixes = kPathPrefixes,
    .upstreams = kUpstreams,
    .rules = {.openai_schemas = true, .highest_effort = "xhigh"},
    .requests = &kRequests,
    .answers = &kAnswers,
};

}  // namespace hearth::wire::responses

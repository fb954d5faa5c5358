// The row of echo-json in the table of dialects (wire/dialects.h).
#include "unit/wire/new_dialect/echo/codec.h"
#include "wire/dialects.h"

namespace hearth::wire::echo {

namespace {

constexpr EndpointRow kEndpoints[] = {{.path = "/echo/ask"}};
constexpr std::string_view kPathPrefixes[] = {"/echo/"};
constexpr UpstreamForm kUpstreams[] = {{"", upstream_codec}};
constexpr Header kFixedHeaders[] = {{"echo-version", "1"}};
constexpr std::string_view kForwardedPrefixes[] = {"echo-"};
constexpr std::string_view kWithheldHeaders[] = {"echo-version", "echo-key"};

consteval RequestColumn requests() {
    using enum Feature;
    return RequestColumn::Builder{}
        .native({system_prompt, system_in_the_middle, text, function_tool, max_tokens})
        .mapped({document_text, custom_tool, tool_namespace, deferred_tool, allowed_tools, tool_result_error,
                 refusal})
        .dropped({hosted_history,   hosted_tool,  tool_strict,  tool_choice_forced, one_call_at_a_time,
                  earlier_thinking, opaque_state, json_object,  json_schema,        stop_sequences,
                  temperature,      top_k,        seed,         other_samplers,     penalties,
                  logit_bias,       effort,       verbosity,    thinking_budget,    user,
                  cache_key,        cache_marks,  context_size, keep_in_memory,     unknown_fields})
        .rejected({image_data, image_url, image_file_id, audio, document_data, document_url, document_file_id,
                   foreign_part, tool_result_image, logprobs, several_choices, grammar, token_ids})
        .clients_send({system_prompt, system_in_the_middle, text, function_tool, max_tokens, unknown_fields})
        .build();
}

consteval AnswerColumn answers() {
    using enum AnswerFeature;
    return AnswerColumn::Builder{}
        .native({text, tool_call, argument_pieces, call_id, finish_length, tokens})
        .mapped({refusal, {finish_filter, "as an ordinary end"}, finish_pause, stop_sequence})
        .dropped({thinking, thinking_signature, citation, media, logprobs, cached_tokens,
                  cache_written_tokens, thinking_tokens, timings})
        .build();
}

constexpr RequestColumn kRequests = requests();
constexpr AnswerColumn kAnswers = answers();

}  // namespace

constinit const DialectRow kDialect{
    .name = "echo-json",
    .client = client_codec,
    .endpoints = kEndpoints,
    .path_prefixes = kPathPrefixes,
    .client_header = "echo-version",
    .upstreams = kUpstreams,
    .key_header = "echo-key",
    .fixed_headers = kFixedHeaders,
    .forwarded_prefixes = kForwardedPrefixes,
    .withheld_headers = kWithheldHeaders,
    .stream_type = "application/x-ndjson",
    .requests = &kRequests,
    .answers = &kAnswers,
};

}  // namespace hearth::wire::echo

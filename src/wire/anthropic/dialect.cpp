// The row of Anthropic Messages in the table of dialects (wire/dialects.h).
#include "wire/anthropic/codec.h"

#include "wire/anthropic/models.h"
#include "wire/anthropic/vertex.h"
#include "wire/dialects.h"

namespace hearth::wire::anthropic {

namespace {

using exchange::Kind;

constexpr EndpointRow kEndpoints[] = {
    {.path = "/v1/messages"},
    {.path = "/v1/messages/count_tokens", .kind = Kind::count},
};
constexpr std::string_view kPathPrefixes[] = {"/v1/messages"};

ModelEntry entry_of(const ModelCard& card, std::string id) {
    return {.id = std::move(id),
            .display_name = card.id,
            .created_s = card.created_s,
            .max_input_tokens = card.context_length,
            .max_tokens = card.max_output_tokens};
}

// Each under its own name, then under the alias that Claude Code's menu shows.
std::string list_models(std::span<const ModelCard> cards) {
    std::vector<ModelEntry> entries;
    entries.reserve(2 * cards.size());
    for (const auto& card : cards) entries.push_back(entry_of(card, card.id));
    for (const auto& card : cards) {
        if (!shown_in_menu(card.id)) entries.push_back(entry_of(card, std::string(kMenuPrefix) + card.id));
    }
    return encode_models(entries);
}

std::string show_model(const ModelCard& card, const std::string& requested) {
    return encode_model(entry_of(card, requested));
}

constexpr UpstreamForm kUpstreams[] = {{"", upstream_codec}, {kVertexForm, vertex_codec}};
constexpr Header kFixedHeaders[] = {
    {"anthropic-version", "2023-06-01"}};  // docs.anthropic.com/en/api/versioning
constexpr std::string_view kForwardedPrefixes[] = {"anthropic-"};
constexpr std::string_view kWithheldHeaders[] = {"anthropic-version",
                                                 "anthropic-dangerous-direct-browser-access"};

consteval RequestColumn requests() {
    using enum Feature;
    return RequestColumn::Builder{}
        .native({system_prompt,      text,
                 image_data,         image_url,
                 image_file_id,      document_data,
                 document_url,       document_file_id,
                 document_text,      function_tool,
                 tool_strict,        tool_choice_forced,
                 one_call_at_a_time, tool_result_image,
                 tool_result_error,  json_schema,
                 stop_sequences,     max_tokens,
                 temperature,        top_k,
                 thinking_budget})
        .mapped({system_in_the_middle,
                 custom_tool,
                 tool_namespace,
                 deferred_tool,
                 allowed_tools,
                 refusal,
                 effort,
                 {user, "as metadata.user_id"}})
        .dropped({hosted_history, hosted_tool, earlier_thinking, opaque_state, json_object, other_samplers,
                  penalties, seed, logit_bias, verbosity, cache_key, cache_marks, context_size,
                  keep_in_memory, unknown_fields})
        .rejected({audio, foreign_part, logprobs, several_choices, grammar, token_ids})
        .clients_send({system_prompt,
                       system_in_the_middle,
                       text,
                       image_data,
                       image_url,
                       image_file_id,
                       document_data,
                       document_url,
                       document_file_id,
                       document_text,
                       foreign_part,
                       hosted_history,
                       function_tool,
                       hosted_tool,
                       deferred_tool,
                       tool_strict,
                       tool_choice_forced,
                       one_call_at_a_time,
                       tool_result_image,
                       tool_result_error,
                       earlier_thinking,
                       opaque_state,
                       json_schema,
                       stop_sequences,
                       max_tokens,
                       temperature,
                       top_k,
                       effort,
                       thinking_budget,
                       user,
                       cache_marks,
                       unknown_fields})
        .build();
}

consteval AnswerColumn answers() {
    using enum AnswerFeature;
    return AnswerColumn::Builder{}
        .native({text, thinking, thinking_signature, tool_call, argument_pieces, call_id, citation,
                 finish_length, finish_pause, stop_sequence, tokens, cached_tokens, cache_written_tokens})
        .mapped({{refusal, "as text and as the finish reason"}, {finish_filter, "as a refusal"}})
        .dropped({media, logprobs, thinking_tokens, timings})
        .build();
}

constexpr RequestColumn kRequests = requests();
constexpr AnswerColumn kAnswers = answers();

}  // namespace

constinit const DialectRow kDialect{
    .name = "anthropic",
    .client = client_codec,
    .endpoints = kEndpoints,
    .path_prefixes = kPathPrefixes,
    .client_header = "anthropic-version",
    .models = {list_models, show_model},
    .upstreams = kUpstreams,
    .key_header = "x-api-key",
    .fixed_headers = kFixedHeaders,
    .forwarded_prefixes = kForwardedPrefixes,
    .withheld_headers = kWithheldHeaders,
    .needs_output_limit = true,
    .rules = {.shows_thinking = true, .general_effort = true, .positive_top_k = true},
    .requests = &kRequests,
    .answers = &kAnswers,
};

}  // namespace hearth::wire::anthropic

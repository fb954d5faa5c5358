// The row of Google's Gemini API in the table of dialects (wire/dialects.h).
#include "wire/gemini/codec.h"

#include "wire/dialects.h"
#include "wire/gemini/models.h"

namespace hearth::wire::gemini {

namespace {

constexpr EndpointRow kEndpoints[] = {
    {.path = "/v1beta/models", .method = "GET", .use = EndpointUse::models},
    {.path = "/v1beta/models/", .method = "GET", .use = EndpointUse::models, .prefix = true},
};
constexpr CallPaths kCallPaths{{.path = "/v1beta/models/", .prefix = true}, parse_path};
constexpr std::string_view kPathPrefixes[] = {"/v1beta/"};

ModelEntry entry_of(const ModelCard& card) {
    return {.id = card.id,
            .display_name = card.id,
            .description = card.place,
            .input_tokens = card.context_length,
            .output_tokens = card.max_output_tokens,
            .chat = card.chat,
            .embedding = card.embedding};
}

std::string list_models(std::span<const ModelCard> cards) {
    std::vector<ModelEntry> entries;
    entries.reserve(cards.size());
    for (const auto& card : cards) entries.push_back(entry_of(card));
    return encode_models(entries);
}

std::string show_model(const ModelCard& card, const std::string& /*requested*/) {
    return encode_model(entry_of(card));
}

constexpr UpstreamForm kUpstreams[] = {{"", upstream_codec}};
constexpr std::string_view kForwardedPrefixes[] = {"x-goog-"};
constexpr std::string_view kWithheldHeaders[] = {"x-goog-api-key", "x-goog-api-client",
                                                 "x-goog-user-project"};

consteval RequestColumn requests() {
    using enum Feature;
    return RequestColumn::Builder{}
        .native({system_prompt, text, image_data, audio, document_data, document_url, function_tool,
                 tool_choice_forced, tool_result_image, json_object, json_schema, stop_sequences, max_tokens,
                 temperature, top_k, penalties, seed, several_choices, thinking_budget})
        .mapped({system_in_the_middle,
                 {image_url, "as file data"},
                 document_text,
                 custom_tool,
                 tool_namespace,
                 deferred_tool,
                 allowed_tools,
                 tool_result_error,
                 refusal,
                 effort})
        .dropped({hosted_history, hosted_tool, tool_strict, one_call_at_a_time, earlier_thinking,
                  opaque_state, other_samplers, logit_bias, verbosity, user, cache_key, cache_marks,
                  context_size, keep_in_memory, unknown_fields})
        .rejected({image_file_id, document_file_id, foreign_part, logprobs, grammar, token_ids})
        .clients_send({system_prompt,
                       text,
                       image_data,
                       image_file_id,
                       audio,
                       document_data,
                       document_url,
                       document_file_id,
                       foreign_part,
                       hosted_history,
                       function_tool,
                       hosted_tool,
                       tool_choice_forced,
                       allowed_tools,
                       tool_result_image,
                       tool_result_error,
                       earlier_thinking,
                       opaque_state,
                       json_object,
                       json_schema,
                       stop_sequences,
                       max_tokens,
                       temperature,
                       top_k,
                       penalties,
                       seed,
                       logprobs,
                       several_choices,
                       effort,
                       thinking_budget,
                       unknown_fields})
        .build();
}

consteval AnswerColumn answers() {
    using enum AnswerFeature;
    return AnswerColumn::Builder{}
        .native({text, thinking, thinking_signature, tool_call, call_id, citation, media, logprobs,
                 finish_length, finish_filter, tokens, cached_tokens, thinking_tokens})
        .mapped({refusal, argument_pieces, finish_pause, stop_sequence})
        .dropped({cache_written_tokens, timings})
        .build();
}

constexpr RequestColumn kRequests = requests();
constexpr AnswerColumn kAnswers = answers();

}  // namespace

constinit const DialectRow kDialect{
    .name = "gemini",
    .client = client_codec,
    .endpoints = kEndpoints,
    .call_paths = &kCallPaths,
    .path_prefixes = kPathPrefixes,
    .client_header = "x-goog-api-key",
    .models = {list_models, show_model},
    .upstreams = kUpstreams,
    .key_header = "x-goog-api-key",
    .forwarded_prefixes = kForwardedPrefixes,
    .withheld_headers = kWithheldHeaders,
    .rules = {.positive_top_k = true},
    .requests = &kRequests,
    .answers = &kAnswers,
};

}  // namespace hearth::wire::gemini

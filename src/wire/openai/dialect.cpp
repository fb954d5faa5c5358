// The row of OpenAI Chat Completions and what came with it in the table of dialects (wire/dialects.h).
#include "wire/openai/codec.h"

#include "wire/dialects.h"
#include "wire/openai/fim.h"
#include "wire/openai/models.h"

namespace hearth::wire::openai {

namespace {

using exchange::Kind;

// OpenAI's own, and those of who copied its shapes: Jina and Cohere (rerank), Mistral (fim), DeepSeek (beta), LM Studio (v0).
constexpr EndpointRow kEndpoints[] = {
    {.path = "/v1/chat/completions"},
    {.path = "/v1/completions", .kind = Kind::completion},
    {.path = "/v1/embeddings", .kind = Kind::embedding},
    {.path = "/v1/rerank", .kind = Kind::rerank},
    {.path = "/v2/rerank", .kind = Kind::rerank},
    {.path = "/rerank", .kind = Kind::rerank},
    {.path = "/v1/fim/completions", .kind = Kind::completion, .name = kFimEndpoint},
    {.path = "/beta/completions", .kind = Kind::completion},
    {.path = "/api/v0/chat/completions"},
    {.path = "/api/v0/completions", .kind = Kind::completion},
    {.path = "/api/v0/embeddings", .kind = Kind::embedding},
    // Passed on to a provider that has them
    {.path = "/v1/audio/transcriptions", .kind = Kind::audio},
    {.path = "/v1/audio/translations", .kind = Kind::audio},
    {.path = "/v1/audio/speech", .kind = Kind::audio},
    {.path = "/v1/images/generations", .kind = Kind::image},
    {.path = "/v1/images/edits", .kind = Kind::image},
    {.path = "/v1/images/variations", .kind = Kind::image},
    {.path = "/v1/files", .method = {}, .kind = Kind::file, .use = EndpointUse::files},
    {.path = "/v1/files/", .method = {}, .kind = Kind::file, .use = EndpointUse::files, .prefix = true},
    {.path = "/v1/batches", .method = {}, .kind = Kind::batch, .use = EndpointUse::batches},
    {.path = "/v1/batches/", .method = {}, .kind = Kind::batch, .use = EndpointUse::batches, .prefix = true},
    {.path = "/v1/models", .method = "GET", .use = EndpointUse::models, .shared = true},
    {.path = "/v1/models/", .method = "GET", .use = EndpointUse::models, .prefix = true, .shared = true},
};

ModelEntry entry_of(const ModelCard& card) {
    return {.id = card.id,
            .created_s = card.created_s,
            .owned_by = card.owned_by,
            .context_length = card.context_length,
            .max_output_tokens = card.max_output_tokens,
            .place = card.place,
            .capabilities = card.capabilities,
            .state = card.state};
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
// OpenAI's, and every vendor's that copied its API.
constexpr std::string_view kForwardedPrefixes[] = {"openai-"};

consteval RequestColumn::Builder support() {
    using enum Feature;
    return RequestColumn::Builder{}
        .native({system_prompt,
                 system_in_the_middle,
                 text,
                 image_data,
                 image_url,
                 audio,
                 document_data,
                 document_file_id,
                 function_tool,
                 tool_strict,
                 tool_choice_forced,
                 allowed_tools,
                 one_call_at_a_time,
                 refusal,
                 json_object,
                 json_schema,
                 stop_sequences,
                 max_tokens,
                 temperature,
                 penalties,
                 seed,
                 logit_bias,
                 logprobs,
                 several_choices,
                 token_ids,
                 effort,
                 user})
        .mapped({document_text, custom_tool, tool_namespace, deferred_tool, tool_result_image,
                 tool_result_error, thinking_budget})
        .dropped({hosted_history, hosted_tool, earlier_thinking, opaque_state, top_k, other_samplers,
                  verbosity, cache_key, cache_marks, context_size, keep_in_memory, unknown_fields})
        .rejected({image_file_id, document_url, foreign_part, grammar});
}

consteval RequestColumn requests() {
    using enum Feature;
    return support()
        .clients_send({system_prompt,
                       system_in_the_middle,
                       text,
                       image_data,
                       image_url,
                       audio,
                       document_data,
                       document_file_id,
                       foreign_part,
                       function_tool,
                       custom_tool,
                       hosted_tool,
                       tool_strict,
                       tool_choice_forced,
                       allowed_tools,
                       one_call_at_a_time,
                       earlier_thinking,
                       refusal,
                       json_object,
                       json_schema,
                       stop_sequences,
                       max_tokens,
                       temperature,
                       top_k,
                       other_samplers,
                       penalties,
                       seed,
                       logit_bias,
                       logprobs,
                       several_choices,
                       grammar,
                       token_ids,
                       effort,
                       verbosity,
                       user,
                       cache_key,
                       context_size,
                       keep_in_memory,
                       unknown_fields})
        .build();
}

consteval AnswerColumn answers() {
    using enum AnswerFeature;
    return AnswerColumn::Builder{}
        .native({text, thinking, refusal, tool_call, argument_pieces, call_id, logprobs, finish_length,
                 finish_filter, tokens, cached_tokens, cache_written_tokens, thinking_tokens, timings})
        .mapped({{citation, "those with a URL"}, finish_pause, stop_sequence})
        .dropped({thinking_signature, media})
        .build();
}

constexpr RequestColumn kRequests = requests();
constexpr AnswerColumn kAnswers = answers();

}  // namespace

constinit const DialectRow kDialect{
    .name = "openai",
    .client = client_codec,
    .endpoints = kEndpoints,
    .models = {list_models, show_model},
    .upstreams = kUpstreams,
    .forwarded_prefixes = kForwardedPrefixes,
    .provider_completions = true,
    .rules = {.openai_schemas = true, .documents_as_data_urls = true, .highest_effort = "xhigh"},
    .requests = &kRequests,
    .answers = &kAnswers,
};

}  // namespace hearth::wire::openai

#pragma once
// The features of a request that dialects support differently. Each dialect has a column (support.h) that says which its
// clients can send and what becomes of each in a request to it. translate.cpp obeys the columns, `hearth dialects` prints
// them, docs/dialects.md is made from them and tests hold them. The internal form is the hub, so a pair of dialects is read
// as: what the source's clients can send, and what the target's column says.
//
// Facts: the vendors' API references named in exchange/request.h; for the engine, what src/engine/worker/ does.
#include <bitset>
#include <cstdint>
#include <span>
#include <string_view>

#include "exchange/request.h"

namespace hearth::wire {

enum class Feature : std::uint8_t {
    system_prompt,
    system_in_the_middle,
    text,
    image_data,
    image_url,
    image_file_id,
    audio,
    document_data,
    document_url,
    document_file_id,
    document_text,
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
    tool_result_error,
    earlier_thinking,
    opaque_state,
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
    thinking_budget,
    verbosity,
    user,
    cache_key,
    cache_marks,
    context_size,
    keep_in_memory,
    unknown_fields,
};
inline constexpr std::size_t kFeatures = 50;

// native: the target has it. mapped: expressed in another way. dropped: removed, with a warning that names the feature.
// rejected: the request is not sent there.
enum class Support : std::uint8_t { native, mapped, dropped, rejected };
[[nodiscard]] std::string_view support_name(Support support);

struct FeatureRow {
    Feature feature;
    std::string_view name;  // "image_url": also the warning's code
    std::string_view what;  // for people, as a sentence's object: "image URLs"
    std::string_view how;   // how it is mapped, where a dialect's column does not say otherwise
};
[[nodiscard]] std::span<const FeatureRow> feature_table();

using Features = std::bitset<kFeatures>;
[[nodiscard]] Features features_of(const exchange::Request& request);

}  // namespace hearth::wire

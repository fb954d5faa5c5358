// The row of Hearth's own engine, a target of translation only: no client and no upstream speaks it in the table of dialects (wire/dialects.h).
#include "wire/engine/dialect.h"

#include "wire/dialects.h"
#include "wire/engine/prompt.h"

namespace hearth::wire::engine {

namespace {

consteval RequestColumn requests() {
    using enum Feature;
    return RequestColumn::Builder{}
        .native({system_prompt,
                 text,
                 function_tool,
                 tool_strict,
                 tool_choice_forced,
                 allowed_tools,
                 one_call_at_a_time,
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
                 logit_bias,
                 logprobs,
                 several_choices,
                 grammar,
                 token_ids,
                 effort,
                 context_size,
                 keep_in_memory})
        .mapped({system_in_the_middle, document_text, custom_tool, tool_namespace, deferred_tool,
                 tool_result_error, refusal, thinking_budget})
        .dropped({hosted_history, hosted_tool, opaque_state, verbosity, user, cache_key, cache_marks,
                  unknown_fields})
        .rejected({image_data, image_url, image_file_id, audio, document_data, document_url, document_file_id,
                   foreign_part, tool_result_image})
        .build();
}

constexpr RequestColumn kRequests = requests();

}  // namespace

constinit const DialectRow kDialect{
    .name = "engine",
    .rules = {.effort_none = true, .prepare = prepare_prompt},
    .requests = &kRequests,
};

}  // namespace hearth::wire::engine

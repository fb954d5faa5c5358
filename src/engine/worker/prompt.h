#pragma once
// Converts a request into the scheduler's input: token ids, sampling parameters, answer format. Uses only vocabulary and
// templates and no context, so it runs concurrently with the scheduler.
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "chat.h"
#include "common.h"
#include "engine/worker/model.h"
#include "exchange/request.h"

namespace hearth::engine {

// How a chat answer's text is parsed into content, reasoning and tool calls.
struct ChatReading {
    common_chat_parser_params parser;
    bool plain = true;  // no parsing: text is content
    bool json_calls =
        false;  // the template has no tool support: one JSON object {"name", "arguments"} is a call
    bool may_call = false;
    bool one_call = false;  // parallel_tool_calls is false
};

struct Prompt {
    std::vector<llama_token> tokens;
    std::string echo;  // prefix of the answer (completions with `echo`)
};

struct Prepared {
    std::vector<Prompt> prompts;  // completions and embeddings may have several
    std::int64_t choices = 1;     // answers per prompt
    bool embedding = false;
    common_params_sampling sampling;  // seed: of the first choice; incremented for each further one
    bool fixed_seed = false;
    std::vector<std::string> stops;
    std::int64_t max_tokens = -1;  // -1: until the context is full
    bool logprobs = false;
    std::int64_t top_logprobs = 0;
    std::shared_ptr<const ChatReading> reading;  // chats only
};

// Errors: Code::context_exceeded with both numbers; Code::unsupported for missing capabilities (no template, no
// fill-in-the-middle tokens, images); Code::invalid_request for invalid schemas, grammars and token ids.
Result<Prepared> prepare(const Model& model, const exchange::Request& request);

// Fill in the middle: text before and after the cursor, in the order the model was trained with. With the suffix first,
// typing before the cursor keeps the suffix's cells valid.
std::vector<llama_token> fill_middle_tokens(const Model& model, const std::string& prefix,
                                            const std::string& suffix);

// The prompt text of a chat. Errors as prepare().
Result<std::string> apply_template(const Model& model, const exchange::Request& request);

// Fills tokens, grammar, stops and reading of `out` from a chat.
Result<void> prepare_chat(const Model& model, const exchange::Request& request, Prepared& out);

}  // namespace hearth::engine

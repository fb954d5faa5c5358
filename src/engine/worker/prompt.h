#pragma once
// From a request in the exchange form to what the scheduler runs: token ids, how to sample, how to read the answer.
// Pure: it reads vocabulary and templates and touches no context, so it runs beside the scheduler.
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "chat.h"
#include "common.h"
#include "engine/worker/model.h"
#include "exchange/request.h"

namespace hearth::engine {

// How a chat answer's text is taken apart into content, reasoning and tool calls.
struct ChatReading {
    common_chat_parser_params parser;
    bool plain = true;         // nothing to take apart: text is content
    bool loose_tools = false;  // the template knows no tools: one JSON object {"name", "arguments"} is a call
    bool may_call = false;
    bool one_call = false;  // parallel_tool_calls is false
};

struct Prompt {
    std::vector<llama_token> tokens;
    std::string echo;  // text that the answer begins with (completions with `echo`)
};

struct Prepared {
    std::vector<Prompt> prompts;  // completions and embeddings may bring several
    std::int64_t choices = 1;     // answers for each prompt
    bool embedding = false;
    common_params_sampling sampling;  // seed: of the first choice; the next ones count up
    bool fixed_seed = false;
    std::vector<std::string> stops;
    std::int64_t max_tokens = -1;  // -1: until the context is full
    bool logprobs = false;
    std::int64_t top_logprobs = 0;
    std::shared_ptr<const ChatReading> reading;  // chats only
};

// Errors: Code::context_exceeded with both numbers; Code::unsupported for what this model cannot do (no template, no
// fill-in-the-middle tokens, images); Code::invalid_request for schemas, grammars and token ids that do not work.
Result<Prepared> prepare(const Model& model, const exchange::Request& request);

// Fill in the middle: before the cursor, after it. In the order the model was trained with; with the suffix first, typing
// before the cursor leaves the suffix's cells where they are.
std::vector<llama_token> fill_middle_tokens(const Model& model, const std::string& prefix,
                                            const std::string& suffix);

// The prompt's text that a chat becomes. Errors as prepare().
Result<std::string> apply_template(const Model& model, const exchange::Request& request);

// Fills tokens, grammar, stops and reading of `out` from a chat.
Result<void> prepare_chat(const Model& model, const exchange::Request& request, Prepared& out);

}  // namespace hearth::engine

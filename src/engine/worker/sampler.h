#pragma once
// Chooses the next token of one choice from a row of logits. Greedy without constraints is a single pass over the row;
// everything else goes through libllama-common's sampler, set up with only the stages that do something.
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/worker/prompt.h"
#include "exchange/event.h"
#include "sampling.h"

namespace hearth::engine {

class Sampler {
  public:
    // Code::invalid_request for a grammar that does not parse.
    static Result<Sampler> make(const Model& model, const Prepared& prepared, std::int64_t choice);

    // Picks from row `row` of the last decode and takes the token as chosen. Code::internal when a grammar has no way on.
    Result<llama_token> next(llama_context* context, std::int32_t row);

    // log p of `token` in the row, and the `top` likeliest tokens, before temperature and any other stage, as OpenAI
    // and llama-server report it.
    exchange::TokenLogprob logprob(const Model& model, llama_context* context, std::int32_t row,
                                   llama_token token, std::int64_t top) const;

  private:
    Sampler() = default;
    common_sampler_ptr chain_;  // null: greedy
    std::int32_t vocabulary_ = 0;
};

}  // namespace hearth::engine

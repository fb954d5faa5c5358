#pragma once
// Chooses the next token of one choice from a row of logits. The stages are llama.cpp's; this class minimizes the
// number of candidates:
//   - greedy without constraints is one pass over the row;
//   - with top_k, the k most likely are selected first and only they pass through the stages;
//   - a grammar checks the chosen token; only if it rejects it, the most likely few; only if those do not suffice, the
//     whole vocabulary (which costs a hundred times more).
// Each gives the same token as evaluating all candidates.
#include <cstdint>
#include <memory>
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

    // Picks from row `row` of the last decode and accepts the token. Code::internal when a grammar allows no token.
    Result<llama_token> next(llama_context* context, std::int32_t row);

    // log p of `token` in the row, and the `top` most likely tokens, before temperature and any other stage, as OpenAI
    // and llama-server report it.
    exchange::TokenLogprob logprob(const Model& model, llama_context* context, std::int32_t row,
                                   llama_token token, std::int64_t top) const;

  private:
    struct Free {
        void operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }
    };
    using Stage = std::unique_ptr<llama_sampler, Free>;

    Sampler() = default;
    Result<void> make_stages(const Model& model, const common_params_sampling& params);
    [[nodiscard]] bool grammar_allows(llama_token token) const;
    llama_token choose(const float* row);
    llama_token choose_allowed(const float* row);
    void take_all(const float* row);
    void select_top(const float* row, std::size_t count);
    llama_token run_stages();

    std::int32_t vocabulary_ = 0;
    std::int32_t top_k_ = 0;  // above 0 and without biases: only this many candidates are needed
    bool greedy_ = false, biased_ = false;
    float min_p_ = 0;
    Stage stages_, grammar_;   // null: unused
    common_sampler_ptr lazy_;  // a grammar that starts at a trigger after the reasoning
    std::vector<llama_token_data> candidates_;
};

}  // namespace hearth::engine

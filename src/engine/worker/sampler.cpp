#include "engine/worker/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/worker/log_capture.h"

namespace hearth::engine {

namespace {

bool has_penalties(const common_params_sampling& sampling) {
    return sampling.penalty_repeat != 1.0F || sampling.penalty_freq != 0.0F ||
           sampling.penalty_present != 0.0F;
}

bool is_plain_greedy(const Model& model, const common_params_sampling& sampling) {
    std::int32_t suppressed = 0;
    llama_vocab_get_suppress_tokens(model.vocab(), &suppressed);
    return sampling.temp <= 0 && !has_penalties(sampling) && sampling.grammar.empty() &&
           sampling.logit_bias.empty() && suppressed == 0 && sampling.reasoning_budget_tokens < 0;
}

void keep_active_stages(common_params_sampling& sampling) {
    const bool greedy = sampling.temp <= 0;
    if (greedy) sampling.top_k = 1;
    sampling.samplers.clear();
    if (has_penalties(sampling)) sampling.samplers.push_back(COMMON_SAMPLER_TYPE_PENALTIES);
    if (sampling.top_k > 0) sampling.samplers.push_back(COMMON_SAMPLER_TYPE_TOP_K);
    if (greedy) return;
    if (sampling.top_p < 1) sampling.samplers.push_back(COMMON_SAMPLER_TYPE_TOP_P);
    if (sampling.min_p > 0) sampling.samplers.push_back(COMMON_SAMPLER_TYPE_MIN_P);
    sampling.samplers.push_back(COMMON_SAMPLER_TYPE_TEMPERATURE);
}

// The largest of a row. Eight running maxima side by side, so that the compiler can use vector registers.
llama_token argmax(const float* row, std::int32_t size) {
    constexpr std::int32_t kLanes = 8;
    float best[kLanes];
    std::int32_t at[kLanes];
    for (std::int32_t lane = 0; lane < kLanes; ++lane) best[lane] = -INFINITY, at[lane] = 0;
    std::int32_t i = 0;
    for (; i + kLanes <= size; i += kLanes) {
        for (std::int32_t lane = 0; lane < kLanes; ++lane) {
            const bool larger = row[i + lane] > best[lane];
            best[lane] = larger ? row[i + lane] : best[lane];
            at[lane] = larger ? i + lane : at[lane];
        }
    }
    for (; i < size; ++i) {
        if (row[i] > best[0]) best[0] = row[i], at[0] = i;
    }
    std::int32_t winner = 0;
    for (std::int32_t lane = 1; lane < kLanes; ++lane) {
        if (best[lane] > best[winner] || (best[lane] == best[winner] && at[lane] < at[winner])) winner = lane;
    }
    return at[winner];
}

}  // namespace

Result<Sampler> Sampler::make(const Model& model, const Prepared& prepared, std::int64_t choice) try {
    Sampler sampler;
    sampler.vocabulary_ = model.facts().vocabulary;
    if (is_plain_greedy(model, prepared.sampling)) return sampler;
    auto params = prepared.sampling;
    params.seed += static_cast<std::uint32_t>(choice);
    keep_active_stages(params);
    sampler.chain_.reset(common_sampler_init(model.weights(), params));
    return sampler;
} catch (const std::exception&) {
    (void)take_last_error();  // it may quote the grammar
    return fail(Code::invalid_request,
                "The grammar or schema cannot be used: it does not parse as GBNF, or has parts that this "
                "engine does not know.",
                prepared.reading ? "response_format" : "grammar");
}

Result<llama_token> Sampler::next(llama_context* context, std::int32_t row) try {
    if (!chain_) {
        const float* logits = llama_get_logits_ith(context, row);
        if (!logits) return fail(Code::internal, "The model gave no prediction for this step.");
        return argmax(logits, vocabulary_);
    }
    const auto token = common_sampler_sample(chain_.get(), context, row);
    common_sampler_accept(chain_.get(), token, true);
    return token;
} catch (const std::exception&) {
    return fail(Code::internal, "The grammar of this request allows no further token; the answer ends here.");
}

exchange::TokenLogprob Sampler::logprob(const Model& model, llama_context* context, std::int32_t row,
                                        llama_token token, std::int64_t top) const {
    const float* logits = llama_get_logits_ith(context, row);
    const float largest = *std::max_element(logits, logits + vocabulary_);
    double sum = 0;
    for (std::int32_t i = 0; i < vocabulary_; ++i) sum += std::exp(static_cast<double>(logits[i] - largest));
    const double norm = largest + std::log(sum);
    const auto of = [&](llama_token id) {
        return std::max(logits[id] - norm, -9999.0);
    };  // JSON has no infinity
    exchange::TokenLogprob out{model.piece(token, true), of(token), {}};
    if (top <= 0) return out;
    std::vector<llama_token> ids(static_cast<std::size_t>(vocabulary_));
    std::iota(ids.begin(), ids.end(), 0);
    const auto count = std::min<std::size_t>(static_cast<std::size_t>(top), ids.size());
    std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count), ids.end(),
                      [&](llama_token a, llama_token b) { return logits[a] > logits[b]; });
    for (std::size_t i = 0; i < count; ++i) out.top.emplace_back(model.piece(ids[i], true), of(ids[i]));
    return out;
}

}  // namespace hearth::engine

#include "engine/worker/sampler.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "engine/worker/log_capture.h"

namespace hearth::engine {

namespace {

constexpr std::size_t kFew = 128;  // candidates that a grammar checks before the whole vocabulary

bool has_penalties(const common_params_sampling& sampling) {
    return sampling.penalty_repeat != 1.0F || sampling.penalty_freq != 0.0F ||
           sampling.penalty_present != 0.0F;
}

// The maximum of a row. Eight parallel maxima, so that the compiler can use vector registers.
llama_token argmax(const float* row, std::int32_t size) {
    constexpr std::int32_t kVectorLanes = 8;
    float best[kVectorLanes];
    std::int32_t at[kVectorLanes];
    for (std::int32_t lane = 0; lane < kVectorLanes; ++lane) best[lane] = -INFINITY, at[lane] = 0;
    std::int32_t i = 0;
    for (; i + kVectorLanes <= size; i += kVectorLanes) {
        for (std::int32_t lane = 0; lane < kVectorLanes; ++lane) {
            const bool larger = row[i + lane] > best[lane];
            best[lane] = larger ? row[i + lane] : best[lane];
            at[lane] = larger ? i + lane : at[lane];
        }
    }
    for (; i < size; ++i) {
        if (row[i] > best[0]) best[0] = row[i], at[0] = i;
    }
    std::int32_t winner = 0;
    for (std::int32_t lane = 1; lane < kVectorLanes; ++lane) {
        if (best[lane] > best[winner] || (best[lane] == best[winner] && at[lane] < at[winner])) winner = lane;
    }
    return at[winner];
}

bool more_likely(const llama_token_data& a, const llama_token_data& b) {
    return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
}

// The tokens at the start of tool and format grammars that the template has already put into the prompt.
std::vector<llama_token> opening_of(const Model& model, const common_params_sampling& params) {
    if (params.generation_prompt.empty() || !common_grammar_needs_prefill(params.grammar)) return {};
    auto tokens = model.tokenize(params.generation_prompt, false, true);
    // Some tokenizers add a space before the first token that the text does not have.
    if (!tokens.empty() &&
        std::isspace(static_cast<unsigned char>(model.piece(tokens.front(), true)[0])) != 0 &&
        std::isspace(static_cast<unsigned char>(params.generation_prompt[0])) == 0)
        tokens.erase(tokens.begin());
    return tokens;
}

}  // namespace

Result<Sampler> Sampler::make(const Model& model, const Prepared& prepared, std::int64_t choice) try {
    Sampler sampler;
    sampler.vocabulary_ = model.facts().vocabulary;
    auto params = prepared.sampling;
    params.seed += static_cast<std::uint32_t>(choice);
    if (!params.grammar.empty() && params.grammar_lazy) {
        if (params.temp <= 0) params.top_k = 1;
        sampler.lazy_.reset(common_sampler_init(model.weights(), params));
        return sampler;
    }
    if (auto made = sampler.make_stages(model, params); !made) return fail(made.error());
    return sampler;
} catch (const std::exception&) {
    (void)take_last_error();  // it may quote the grammar
    return fail(Code::invalid_request,
                "The grammar or schema cannot be used: it does not parse as GBNF, or uses features that this "
                "engine does not support.",
                prepared.reading ? "response_format" : "grammar");
}

Result<void> Sampler::make_stages(const Model& model, const common_params_sampling& params) {
    std::int32_t suppressed = 0;
    const auto* never = llama_vocab_get_suppress_tokens(model.vocab(), &suppressed);
    auto biases = params.logit_bias;
    for (std::int32_t i = 0; i < suppressed; ++i) biases.push_back({never[i], -INFINITY});
    greedy_ = params.temp <= 0;
    biased_ = !biases.empty() || has_penalties(params);
    min_p_ = params.min_p;
    top_k_ = greedy_ ? 1 : params.top_k;
    if (!params.grammar.empty()) {
        grammar_.reset(llama_sampler_init_grammar(model.vocab(), params.grammar.grammar.c_str(), "root"));
        if (!grammar_) throw std::invalid_argument("grammar");
        for (const auto token : opening_of(model, params)) llama_sampler_accept(grammar_.get(), token);
    }
    if (greedy_ && !biased_) return {};
    auto chain = llama_sampler_chain_default_params();
    chain.no_perf = true;
    stages_.reset(llama_sampler_chain_init(chain));
    const auto add = [&](llama_sampler* stage) { llama_sampler_chain_add(stages_.get(), stage); };
    if (!biases.empty())
        add(llama_sampler_init_logit_bias(vocabulary_, static_cast<std::int32_t>(biases.size()),
                                          biases.data()));
    if (has_penalties(params))
        add(llama_sampler_init_penalties(vocabulary_, params.penalty_last_n, params.penalty_repeat,
                                         params.penalty_freq, params.penalty_present));
    if (greedy_) {
        add(llama_sampler_init_greedy());
        return {};
    }
    if (top_k_ > 0) add(llama_sampler_init_top_k(top_k_));
    if (params.top_p < 1) add(llama_sampler_init_top_p(params.top_p, 1));
    if (params.min_p > 0) add(llama_sampler_init_min_p(params.min_p, 1));
    add(llama_sampler_init_temp(params.temp));
    add(llama_sampler_init_dist(params.seed));
    return {};
}

Result<llama_token> Sampler::next(llama_context* context, std::int32_t row) try {
    if (lazy_) {
        const auto token = common_sampler_sample(lazy_.get(), context, row);
        common_sampler_accept(lazy_.get(), token, true);
        return token;
    }
    const float* logits = llama_get_logits_ith(context, row);
    if (!logits) return fail(Code::internal, "The model returned no logits for this step.");
    auto token = choose(logits);
    if (grammar_ && !grammar_allows(token)) token = choose_allowed(logits);
    if (token == LLAMA_TOKEN_NULL) throw std::runtime_error("grammar");
    if (stages_) llama_sampler_accept(stages_.get(), token);
    if (grammar_) llama_sampler_accept(grammar_.get(), token);
    return token;
} catch (const std::exception&) {
    return fail(Code::internal, "The grammar of this request allows no further token; the answer ends here.");
}

bool Sampler::grammar_allows(llama_token token) const {
    llama_token_data one{token, 1.0F, 0.0F};
    llama_token_data_array array{&one, 1, -1, false};
    llama_sampler_apply(grammar_.get(), &array);
    return one.logit != -INFINITY;
}

void Sampler::take_all(const float* row) {
    candidates_.resize(static_cast<std::size_t>(vocabulary_));
    for (llama_token id = 0; id < vocabulary_; ++id)
        candidates_[static_cast<std::size_t>(id)] = {id, row[id], 0};
}

// A heap of the `count` best so far, the worst on top; most of the row fails the first comparison.
void Sampler::select_top(const float* row, std::size_t count) {
    count = std::min(count, static_cast<std::size_t>(vocabulary_));
    candidates_.clear();
    for (llama_token id = 0; id < vocabulary_; ++id) {
        if (candidates_.size() == count && !(row[id] > candidates_.front().logit)) continue;
        if (candidates_.size() == count) {
            std::ranges::pop_heap(candidates_, more_likely);
            candidates_.pop_back();
        }
        candidates_.push_back({id, row[id], 0});
        std::ranges::push_heap(candidates_, more_likely);
    }
}

llama_token Sampler::run_stages() {
    llama_token_data_array array{candidates_.data(), candidates_.size(), -1, false};
    llama_sampler_apply(stages_.get(), &array);
    return array.selected < 0 ? LLAMA_TOKEN_NULL : array.data[array.selected].id;
}

llama_token Sampler::choose(const float* row) {
    if (!stages_) return argmax(row, vocabulary_);
    if (top_k_ > 0 && !biased_) {
        select_top(row, static_cast<std::size_t>(top_k_));
    } else {
        take_all(row);
    }
    return run_stages();
}

llama_token Sampler::choose_allowed(const float* row) {
    const auto mask = [&] {
        llama_token_data_array array{candidates_.data(), candidates_.size(), -1, false};
        llama_sampler_apply(grammar_.get(), &array);
        std::erase_if(candidates_, [](const auto& candidate) { return candidate.logit == -INFINITY; });
        std::ranges::sort(candidates_, more_likely);
    };
    if (!biased_) {
        select_top(row, kFew);
        const float rest = candidates_.front().logit;  // no other token is more likely
        mask();
        // Greedy: the best allowed candidate is the best of all. Sampling: other tokens would be dropped by min_p.
        const bool enough = !candidates_.empty() &&
                            (greedy_ || (min_p_ > 0 && rest < candidates_.front().logit + std::log(min_p_)) ||
                             (top_k_ > 0 && candidates_.size() >= static_cast<std::size_t>(top_k_)));
        if (enough) return greedy_ ? candidates_.front().id : run_stages();
    }
    take_all(row);
    mask();
    if (candidates_.empty()) return LLAMA_TOKEN_NULL;
    return stages_ ? run_stages() : candidates_.front().id;
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
    for (std::int32_t i = 0; i < vocabulary_; ++i) ids[static_cast<std::size_t>(i)] = i;
    const auto count = std::min<std::size_t>(static_cast<std::size_t>(top), ids.size());
    std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count), ids.end(),
                      [&](llama_token a, llama_token b) { return logits[a] > logits[b]; });
    for (std::size_t i = 0; i < count; ++i) out.top.emplace_back(model.piece(ids[i], true), of(ids[i]));
    return out;
}

}  // namespace hearth::engine

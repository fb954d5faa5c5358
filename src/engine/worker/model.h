#pragma once
// A loaded model: weights, one context for generating, one for embeddings created on first use, templates,
// and the facts reported to the gateway. One thread at a time uses the contexts; vocabulary and templates are
// read-only and may be used by another.
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "chat.h"
#include "engine/protocol/message.h"
#include "llama.h"

namespace hearth::engine {

// Loads ggml's processor variants from the folder of shared libraries beside the program, and captures llama.cpp's
// log. Once, before confinement, since it opens libraries.
Result<void> load_backends();

// The GGUF files of a model path: itself, or all parts of a split model.
[[nodiscard]] std::vector<std::string> model_files(const std::string& path);

// Usable physical cores (hyper-threads of one core count once). Reads /sys, so before confinement.
[[nodiscard]] int usable_cores();

// How a model was trained to fill in the middle (Bavarian et al. 2022, https://arxiv.org/abs/2207.14255, section 3):
// prefix, suffix, marker (PSM); suffix, prefix, marker (SPM); or suffix and prefix, which the middle continues without a
// marker (the joined form of SPM).
enum class FimOrder : std::uint8_t { prefix_first, suffix_first, joined };

class Model {
  public:
    // Progress goes from 0 to 1; returning false cancels (Code::cancelled). Errors name the file and llama.cpp's
    // reason. Does not throw; a file that violates an assertion of llama.cpp ends the process (crash.h).
    // `cores`: result of usable_cores() before confinement, used if Load.threads is 0.
    static Result<std::unique_ptr<Model>> load(const Load& load, int cores,
                                               const std::function<bool(double)>& progress);
    ~Model();
    Model(const Model&) = delete;
    Model& operator=(const Model&) = delete;

    [[nodiscard]] llama_context* context() const { return context_; }
    [[nodiscard]] llama_model* weights() const { return model_; }
    [[nodiscard]] const llama_vocab* vocab() const { return vocab_; }
    [[nodiscard]] const common_chat_templates* templates() const { return templates_.get(); }
    [[nodiscard]] const ModelFacts& facts() const { return facts_; }
    [[nodiscard]] int cells() const { return cells_; }  // KV cells of the shared buffer
    [[nodiscard]] int batch_tokens() const { return batch_tokens_; }
    [[nodiscard]] bool can_cut() const { return can_cut_; }  // see SlotRules
    [[nodiscard]] FimOrder fim_order() const { return fim_order_; }
    [[nodiscard]] const std::vector<llama_logit_bias>& never_end() const {
        return never_end_;
    }  // bias of end tokens

    // True while a running decode should abort; checked by every graph node on the CPU.
    std::atomic<bool> abort_now{false};

    // The context for embeddings, created on first use. Its limit per input: embedding_limit().
    Result<llama_context*> embedding_context();
    [[nodiscard]] int embedding_limit() const { return embedding_limit_; }
    // How token embeddings are pooled: by the graph, or here from each token's.
    enum class Pooling : std::uint8_t { graph, mean, last };
    [[nodiscard]] Pooling pooling() const { return pooling_; }

    [[nodiscard]] std::vector<llama_token> tokenize(const std::string& text, bool add_special,
                                                    bool parse_special) const;
    [[nodiscard]] std::string piece(llama_token token,
                                    bool special) const;  // its bytes, which may split a character
    [[nodiscard]] std::string meta(const char* key) const;

  private:
    Model() = default;
    Result<void> open(const Load& load, const std::function<bool(double)>& progress);
    Result<void> make_context(const Load& load, int cores);
    void make_threads(int threads);
    void find_facts(const Load& load);
    [[nodiscard]] bool looks_ahead() const;  // non-causal attention, as in encoders

    llama_model* model_ = nullptr;
    llama_context* context_ = nullptr;
    llama_context* embedding_ = nullptr;
    ggml_threadpool* threads_ = nullptr;
    const llama_vocab* vocab_ = nullptr;
    common_chat_templates_ptr templates_;
    ModelFacts facts_;
    std::vector<llama_logit_bias> never_end_;
    int cells_ = 0, batch_tokens_ = 0, embedding_limit_ = 0;
    Pooling pooling_ = Pooling::mean;
    bool can_cut_ = true;
    FimOrder fim_order_ = FimOrder::prefix_first;
};

}  // namespace hearth::engine

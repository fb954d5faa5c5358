#include "engine/worker/model.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "common.h"
#include "engine/worker/log_capture.h"
#include "text/utf8.h"

namespace hearth::engine {

namespace {

// Below this size a step is so short that threads mostly wait for one another; a single thread is faster, especially on
// a busy machine.
constexpr std::uint64_t kOneThreadBytes = 48 * 1024 * 1024;
constexpr int kWholeInput = 2048;       // tokens of one input if a graph must hold it whole
constexpr int kDefaultContext = 16384;  // default cells; Load.context_tokens requests more

// Checks of a file before llama.cpp reads it.
Result<void> look_at(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        const auto code = errno == ENOENT ? Code::not_found : Code::storage;
        return fail(code, fmt::format("The model file {} cannot be opened: {}.", path, strerror(errno)));
    }
    struct stat facts{};
    char magic[4] = {};
    const bool regular = fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
    const auto got = regular ? read(fd, magic, sizeof(magic)) : -1;
    close(fd);
    if (!regular) return fail(Code::corrupt, fmt::format("{} is not a file.", path));
    if (got != sizeof(magic) || std::memcmp(magic, "GGUF", sizeof(magic)) != 0)
        return fail(Code::corrupt,
                    fmt::format("{} is not a GGUF file: it does not begin with \"GGUF\" ({} bytes).", path,
                                facts.st_size));
    return {};
}

struct Progress {
    const std::function<bool(double)>& report;
};
bool on_progress(float fraction, void* data) {
    return static_cast<Progress*>(data)->report(fraction);
}

bool should_abort(void* data) {
    return static_cast<std::atomic<bool>*>(data)->load(std::memory_order_relaxed);
}

auto* cpu_function(const char* name) {
    auto* cpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    return ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(cpu), name);
}

}  // namespace

Result<std::unique_ptr<Model>> Model::load(const Load& load, int cores,
                                           const std::function<bool(double)>& progress) {
    std::unique_ptr<Model> model(new Model);
    try {
        if (auto done = model->open(load, progress); !done) return fail(done.error());
        if (auto done = model->make_context(load, cores); !done) return fail(done.error());
        model->find_facts(load);
    } catch (const std::exception& e) {
        return fail(Code::corrupt,
                    fmt::format("{} cannot be used: {}.", load.model_path, text::printable(e.what(), 300)));
    }
    return model;
}

Result<void> Model::open(const Load& load, const std::function<bool(double)>& progress) {
    for (const auto& file : model_files(load.model_path)) {
        if (auto checked = look_at(file); !checked) return checked;
    }
    (void)take_last_error();
    bool gave_up = false;
    const std::function<bool(double)> watch = [&](double fraction) {
        gave_up = gave_up || !progress(fraction);
        return !gave_up;
    };
    Progress state{watch};
    auto params = llama_model_default_params();
    params.n_gpu_layers = load.gpu_layers;
    params.progress_callback = on_progress;
    params.progress_callback_user_data = &state;
    model_ = llama_model_load_from_file(load.model_path.c_str(), params);
    if (!model_ && gave_up) return fail(Code::cancelled, "Loading the model was cancelled.");
    if (!model_) {
        const auto why = take_last_error();
        return fail(Code::corrupt, fmt::format("{} cannot be loaded: {}.", load.model_path,
                                               why.empty() ? "llama.cpp gives no reason" : why));
    }
    vocab_ = llama_model_get_vocab(model_);
    if (llama_vocab_type(vocab_) == LLAMA_VOCAB_TYPE_NONE)
        return fail(Code::unsupported,
                    fmt::format("{} has no vocabulary, so it cannot process text.", load.model_path));
    return {};
}

Result<void> Model::make_context(const Load& load, int cores) {
    const int trained = std::max(1, llama_model_n_ctx_train(model_));
    const int fitting = llama_model_size(model_) < kOneThreadBytes ? 1 : cores;
    const int threads = load.threads > 0 ? load.threads : fitting;
    facts_.sequences = std::clamp(load.sequences, 1, 64);
    facts_.threads = threads;
    facts_.embeds_only = load.embedding ||
                         (llama_model_has_encoder(model_) && !llama_model_has_decoder(model_)) ||
                         looks_ahead();
    cells_ = load.context_tokens > 0 ? load.context_tokens
                                     : static_cast<int>(std::min<std::int64_t>(
                                           kDefaultContext, std::int64_t{trained} * facts_.sequences));
    cells_ = std::max(256, (cells_ + 255) / 256 * 256);  // llama.cpp rounds up to 256 cells itself
    facts_.context_trained = trained;
    facts_.context_tokens = std::min(cells_, trained);
    batch_tokens_ = std::clamp(load.batch_tokens, 64, 8192);
    if (facts_.embeds_only) return {};
    auto params = llama_context_default_params();
    params.n_ctx = static_cast<std::uint32_t>(cells_);
    params.n_batch = static_cast<std::uint32_t>(batch_tokens_);
    params.n_ubatch = static_cast<std::uint32_t>(std::clamp(load.micro_batch_tokens, 64, batch_tokens_));
    params.n_seq_max = static_cast<std::uint32_t>(facts_.sequences);
    params.n_outputs_max = params.n_seq_max;  // one row of logits for each sequence and step
    params.n_threads = params.n_threads_batch = threads;
    params.kv_unified = true;  // sequences share cells, so a prefix is copied by marking them
    params.swa_full = true;    // keeps cells before a sliding window, so that prefixes can be reused
    params.no_perf = true;
    params.abort_callback = should_abort;
    params.abort_callback_data = &abort_now;
    (void)take_state_bytes();
    context_ = llama_init_from_model(model_, params);
    if (!context_) {
        const auto why = take_last_error();
        return fail(
            Code::storage,
            fmt::format("Not enough memory for a context of {} tokens with {}: {}. Request a smaller one.",
                        cells_, load.model_path, why.empty() ? "allocation failed" : why));
    }
    facts_.context_bytes = take_state_bytes();
    make_threads(threads);
    return {};
}

// Without a thread pool, llama.cpp starts and ends threads for every graph.
void Model::make_threads(int threads) {
    auto* make = reinterpret_cast<decltype(&ggml_threadpool_new)>(cpu_function("ggml_threadpool_new"));
    if (!make) return;
    ggml_threadpool_params params;
    ggml_threadpool_params_init(&params, threads);
    threads_ = make(&params);
    if (threads_) llama_attach_threadpool(context_, threads_, nullptr);
}

Model::~Model() {
    if (embedding_) llama_free(embedding_);
    if (context_) llama_free(context_);
    if (model_) llama_model_free(model_);
    if (!threads_) return;
    if (auto* end = reinterpret_cast<decltype(&ggml_threadpool_free)>(cpu_function("ggml_threadpool_free")))
        end(threads_);
}

void Model::find_facts(const Load& load) {
    char text[256] = {};
    llama_model_desc(model_, text, sizeof(text));
    facts_.description = text;
    facts_.architecture = meta("general.architecture");
    facts_.name = meta("general.name");
    facts_.parameters = static_cast<std::int64_t>(llama_model_n_params(model_));
    facts_.weight_bytes = static_cast<std::int64_t>(llama_model_size(model_));
    facts_.vocabulary = llama_vocab_n_tokens(vocab_);
    facts_.embedding_width = llama_model_n_embd_out(model_);
    facts_.recurrent = llama_model_is_recurrent(model_) || llama_model_is_hybrid(model_);
    facts_.can_embed = true;
    can_cut_ = !facts_.recurrent;
    const auto none = LLAMA_TOKEN_NULL;
    facts_.can_fill_middle = !facts_.embeds_only && llama_vocab_fim_pre(vocab_) != none &&
                             llama_vocab_fim_suf(vocab_) != none && llama_vocab_fim_mid(vocab_) != none;
    // A key of Hearth, set in models that were trained with the suffix first.
    const auto order = meta("hearth.fim.order");
    fim_order_ = order == "spm"          ? FimOrder::suffix_first
                 : order == "spm-joined" ? FimOrder::joined
                                         : FimOrder::prefix_first;
    for (llama_token token = 0; token < facts_.vocabulary; ++token) {
        if (llama_vocab_is_eog(vocab_, token)) never_end_.push_back({token, -INFINITY});
    }
    const bool own =
        llama_model_chat_template(model_, nullptr) || llama_model_chat_template(model_, "tool_use");
    if (facts_.embeds_only || (!own && load.chat_template.empty())) return;
    templates_ = common_chat_templates_init(model_, load.chat_template);
    const auto can = common_chat_templates_get_caps(templates_.get());
    const auto has = [&](const char* what) { return can.contains(what) && can.at(what); };
    facts_.can_chat = true;
    facts_.can_call_tools = has("supports_tools") || has("supports_tool_calls");
    facts_.can_think = common_chat_templates_support_enable_thinking(templates_.get());
}

bool Model::looks_ahead() const {
    return meta((meta("general.architecture") + ".attention.causal").c_str()) == "false";
}

Result<llama_context*> Model::embedding_context() {
    if (embedding_) return embedding_;
    auto params = llama_context_default_params();
    const auto type =
        meta((facts_.architecture + ".pooling_type").c_str());  // llama_pooling_type as a number
    pooling_ = type == "3" && !looks_ahead() ? Pooling::last
               : type.empty() || type == "0" ? Pooling::mean
                                             : Pooling::graph;
    // Pooling in the graph and non-causal attention need the whole input. With embeddings per token there are logits for
    // every token as well: small slices keep those small.
    const bool whole = pooling_ == Pooling::graph || looks_ahead();
    embedding_limit_ = std::min(facts_.context_trained, whole ? kWholeInput : kDefaultContext);
    params.n_ctx = static_cast<std::uint32_t>((embedding_limit_ + 255) / 256 * 256);
    params.n_batch = params.n_ubatch = whole ? static_cast<std::uint32_t>(embedding_limit_) : 64;
    params.n_seq_max = 1;
    params.n_threads = params.n_threads_batch = facts_.threads;
    params.embeddings = true;
    if (pooling_ != Pooling::graph) params.pooling_type = LLAMA_POOLING_TYPE_NONE;
    params.no_perf = true;
    params.abort_callback = should_abort;
    params.abort_callback_data = &abort_now;
    (void)take_last_error();
    embedding_ = llama_init_from_model(model_, params);
    if (!embedding_)
        return fail(Code::storage, "Not enough memory for an embedding context: " + take_last_error() + ".");
    return embedding_;
}

std::vector<llama_token> Model::tokenize(const std::string& text, bool add_special,
                                         bool parse_special) const {
    return common_tokenize(vocab_, text, add_special, parse_special);
}

std::string Model::piece(llama_token token, bool special) const {
    return common_token_to_piece(vocab_, token, special);
}

std::string Model::meta(const char* key) const {
    std::string value(256, '\0');
    const int length = llama_model_meta_val_str(model_, key, value.data(), value.size());
    if (length < 0) return {};
    value.resize(std::min<std::size_t>(static_cast<std::size_t>(length), value.size() - 1));
    return value;
}

}  // namespace hearth::engine

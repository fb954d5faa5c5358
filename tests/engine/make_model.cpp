// make_model: writes a GGUF model of any qwen2 shape with random weights around a real vocabulary, for tests and
// benchmarks. Nothing is downloaded: the vocabulary comes with llama.cpp's source.
//   hearth-make-model --vocab FILE --out FILE [--shape tiny|half] [--template FILE] [--quantize Q4_K_M] [--seed N]
// tiny: 2 layers of width 64 (its speed and size are dominated by the vocabulary). half: the shape of Qwen2.5 0.5B, 494 M weights,
// tied embeddings; --quantize writes a typical quantization. The text of such a model is noise; its cost is realistic.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "ggml.h"
#include "gguf.h"
#include "llama.h"

namespace {

struct Shape {
    std::int64_t width, layers, heads, kv_heads, inner, context;
    bool tied;
};

// The weights: uniform random numbers, scaled so that activations keep their magnitude across layers.
struct Noise {
    std::uint64_t state;
    float next() {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        return static_cast<float>(static_cast<std::int64_t>(state)) * 0x1p-63F;
    }
};

class Builder {
  public:
    Builder(const Shape& shape, std::int64_t vocabulary, std::uint64_t seed)
        : noise_{seed * 2654435761 + 88172645463325252} {
        const auto kv = shape.width / shape.heads * shape.kv_heads;
        std::size_t elements = vocabulary * shape.width * (shape.tied ? 1 : 2) + shape.width;
        elements += shape.layers * (2 * shape.width * shape.width + 2 * shape.width * kv +
                                    3 * shape.width * shape.inner + 4 * shape.width + 2 * kv);
        context_ = ggml_init(
            {elements * 4 + (16 + 16 * shape.layers) * (ggml_tensor_overhead() + 64), nullptr, false});
        file_ = gguf_init_empty();
        matrix("token_embd.weight", shape.width, vocabulary);
        vector("output_norm.weight", shape.width, true);
        if (!shape.tied) matrix("output.weight", shape.width, vocabulary);
        for (std::int64_t i = 0; i < shape.layers; ++i) {
            const auto name = [&](const char* part) { return fmt::format("blk.{}.{}", i, part); };
            vector(name("attn_norm.weight"), shape.width, true);
            vector(name("ffn_norm.weight"), shape.width, true);
            matrix(name("attn_q.weight"), shape.width, shape.width);
            matrix(name("attn_k.weight"), shape.width, kv);
            matrix(name("attn_v.weight"), shape.width, kv);
            matrix(name("attn_output.weight"), shape.width, shape.width);
            vector(name("attn_q.bias"), shape.width, false);
            vector(name("attn_k.bias"), kv, false);
            vector(name("attn_v.bias"), kv, false);
            matrix(name("ffn_gate.weight"), shape.width, shape.inner);
            matrix(name("ffn_up.weight"), shape.width, shape.inner);
            matrix(name("ffn_down.weight"), shape.inner, shape.width);
        }
    }
    ~Builder() {
        gguf_free(file_);
        ggml_free(context_);
    }
    [[nodiscard]] gguf_context* file() const { return file_; }

  private:
    void matrix(const std::string& name, std::int64_t in, std::int64_t out) {
        auto* tensor = ggml_new_tensor_2d(context_, GGML_TYPE_F16, in, out);
        auto* data = static_cast<ggml_fp16_t*>(tensor->data);
        const float scale = 1.7F / std::sqrt(static_cast<float>(in));
        for (std::int64_t i = 0; i < in * out; ++i) data[i] = ggml_fp32_to_fp16(noise_.next() * scale);
        add(tensor, name);
    }
    void vector(const std::string& name, std::int64_t size, bool norm) {
        auto* tensor = ggml_new_tensor_1d(context_, GGML_TYPE_F32, size);
        auto* data = static_cast<float*>(tensor->data);
        for (std::int64_t i = 0; i < size; ++i) data[i] = norm ? 1.0F : noise_.next() * 0.1F;
        add(tensor, name);
    }
    void add(ggml_tensor* tensor, const std::string& name) {
        ggml_set_name(tensor, name.c_str());
        gguf_add_tensor(file_, tensor);
    }
    Noise noise_;
    ggml_context* context_;
    gguf_context* file_;
};

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

int quantize(const std::string& from, const std::string& to) {
    auto params = llama_model_quantize_default_params();
    params.ftype = LLAMA_FTYPE_MOSTLY_Q4_K_M;
    return llama_model_quantize(from.c_str(), to.c_str(), &params) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    std::map<std::string, std::string> options{{"--shape", "tiny"}, {"--seed", "1"}};
    for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
    const auto out = options["--out"];
    gguf_context* vocab = gguf_init_from_file(options["--vocab"].c_str(), {true, nullptr});
    if (!vocab || out.empty()) {
        fmt::print(stderr,
                   "usage: hearth-make-model --vocab ggml-vocab-qwen2.gguf --out FILE [--shape tiny|half] "
                   "[--template FILE] [--quantize Q4_K_M] [--seed N]\n");
        return 64;
    }
    const bool half = options["--shape"] == "half";
    const Shape shape =
        half ? Shape{896, 24, 14, 2, 4864, 32768, true} : Shape{64, 2, 4, 2, 128, 2048, false};
    const auto tokens =
        static_cast<std::int64_t>(gguf_get_arr_n(vocab, gguf_find_key(vocab, "tokenizer.ggml.tokens")));
    Builder builder(shape, tokens, std::strtoull(options["--seed"].c_str(), nullptr, 10));
    auto* file = builder.file();
    gguf_set_kv(file, vocab);
    gguf_set_val_str(file, "general.architecture", "qwen2");
    gguf_set_val_str(file, "general.name", half ? "random half" : "random tiny");
    gguf_set_val_u32(file, "qwen2.context_length", static_cast<std::uint32_t>(shape.context));
    gguf_set_val_u32(file, "qwen2.embedding_length", static_cast<std::uint32_t>(shape.width));
    gguf_set_val_u32(file, "qwen2.block_count", static_cast<std::uint32_t>(shape.layers));
    gguf_set_val_u32(file, "qwen2.feed_forward_length", static_cast<std::uint32_t>(shape.inner));
    gguf_set_val_u32(file, "qwen2.attention.head_count", static_cast<std::uint32_t>(shape.heads));
    gguf_set_val_u32(file, "qwen2.attention.head_count_kv", static_cast<std::uint32_t>(shape.kv_heads));
    gguf_set_val_f32(file, "qwen2.attention.layer_norm_rms_epsilon", 1e-6F);
    gguf_set_val_f32(file, "qwen2.rope.freq_base", 1e6F);
    // The ids of Qwen2.5-Coder's fill-in-the-middle tokens, which this vocabulary does not use; in a smaller one, three rare
    // tokens before the last one.
    const auto fim = static_cast<std::uint32_t>(tokens > 151661 ? 151659 : tokens - 4);
    gguf_set_val_u32(file, "tokenizer.ggml.fim_pre_token_id", fim);
    gguf_set_val_u32(file, "tokenizer.ggml.fim_mid_token_id", fim + 1);
    gguf_set_val_u32(file, "tokenizer.ggml.fim_suf_token_id", fim + 2);
    if (options.contains("--order")) gguf_set_val_str(file, "hearth.fim.order", options["--order"].c_str());
    if (options.contains("--template"))
        gguf_set_val_str(file, "tokenizer.chat_template", read_file(options["--template"]).c_str());
    gguf_free(vocab);
    const auto first = options.contains("--quantize") ? out + ".f16" : out;
    if (!gguf_write_to_file(file, first.c_str(), false)) return 1;
    if (first == out) return 0;
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    const int status = quantize(first, out);
    std::remove(first.c_str());
    return status;
}

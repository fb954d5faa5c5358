#include <algorithm>
#include <array>

#include "models/gguf_metadata.h"

namespace hearth::models {
namespace {

constexpr std::uint64_t kMostLayers = 4096,
                        kMaxWidth = 1ULL << 24;  // beyond: invalid; also prevents overflow

std::uint64_t sane(std::uint64_t value, std::uint64_t most) {
    return value > most ? 0 : value;
}

std::string one_line(std::string text) {
    std::erase_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (text.size() > 200) text.resize(200);
    return text;
}

// The most common type by bytes, for files without general.file_type.
std::string commonest_type(const std::vector<GgufTensor>& tensors) {
    std::map<std::uint32_t, std::uint64_t> bytes;
    for (const auto& tensor : tensors) bytes[tensor.type] += tensor.bytes;
    const auto most = std::ranges::max_element(bytes, {}, [](const auto& entry) { return entry.second; });
    return most == bytes.end() ? std::string() : std::string(tensor_type(most->first).name);
}

// A per-layer value: a list, or one number for all.
std::uint64_t of_layer(const Metadata& m, const std::string& key, std::uint64_t layer,
                       std::uint64_t otherwise) {
    if (const auto list = m.lists.find(key); list != m.lists.end()) {
        return layer < list->second.size() ? list->second[layer] : 0;
    }
    const auto one = m.integers.find(key);
    return one == m.integers.end() ? otherwise : one->second;
}

std::uint64_t most_of_layers(const Metadata& m, const std::string& key) {
    const auto list = m.lists.find(key);
    if (list == m.lists.end() || list->second.empty()) return m.integer(key);
    return *std::ranges::max_element(list->second);  // layers without attention have 0
}

// Keys and values of one token over all layers, in f16. Layers with no kv heads keep a recurrent state instead; where
// only every n-th layer has attention (full_attention_interval), the others do too.
void cache_facts(const Metadata& m, const std::string& arch, GgufFacts& facts) {
    if (facts.heads == 0 || facts.layers == 0) return;
    const auto width = facts.embedding_length / facts.heads;
    const auto key_length = sane(of_layer(m, arch + ".attention.key_length", 0, width), kMaxWidth);
    const auto value_length = sane(of_layer(m, arch + ".attention.value_length", 0, width), kMaxWidth);
    const auto interval = m.integer(arch + ".full_attention_interval");
    const auto pattern = m.lists.find(arch + ".attention.sliding_window_pattern");
    for (std::uint64_t layer = 0; layer < facts.layers; ++layer) {
        const auto heads =
            sane(of_layer(m, arch + ".attention.head_count_kv", layer, facts.heads), kMaxWidth);
        if (heads == 0 || (interval > 1 && (layer + 1) % interval != 0)) {
            facts.recurrent = true;
            continue;
        }
        const auto bytes = heads * (key_length + value_length) * 2;
        const bool windowed = facts.sliding_window > 0 && pattern != m.lists.end() &&
                              layer < pattern->second.size() && pattern->second[layer] != 0;
        (windowed ? facts.kv_window_bytes_per_token : facts.kv_bytes_per_token) += bytes;
    }
    if (m.has(arch + ".ssm.state_size") || m.has(arch + ".wkv.head_size")) facts.recurrent = true;
}

std::string pooling_name(const Metadata& m, const std::string& key) {
    constexpr std::array<std::string_view, 5> kNames{"none", "mean", "cls", "last",
                                                     "rank"};  // enum llama_pooling_type
    const auto value = m.integers.find(key);
    return value != m.integers.end() && value->second < kNames.size() ? std::string(kNames[value->second])
                                                                      : "";
}

bool fim_of(const Metadata& m) {
    const auto named = [&m](std::string_view a, std::string_view b) {
        return m.integers.contains(a) || m.integers.contains(b);
    };
    return (m.fim_prefix || named("tokenizer.ggml.fim_pre_token_id", "tokenizer.ggml.prefix_token_id")) &&
           (m.fim_suffix || named("tokenizer.ggml.fim_suf_token_id", "tokenizer.ggml.suffix_token_id")) &&
           (m.fim_middle || named("tokenizer.ggml.fim_mid_token_id", "tokenizer.ggml.middle_token_id"));
}

}  // namespace

GgufFacts facts_of(const Metadata& m, const std::vector<GgufTensor>& tensors) {
    GgufFacts facts;
    const auto arch = m.string("general.architecture");
    facts.architecture = one_line(arch);
    facts.name = one_line(m.string("general.name"));
    facts.type = one_line(m.string("general.type"));
    facts.license = one_line(m.string("general.license"));
    if (const auto type = m.integers.find("general.file_type"); type != m.integers.end()) {
        facts.quantization = gguf_file_type_name(type->second);
    }
    if (facts.quantization.empty()) facts.quantization = commonest_type(tensors);
    for (const auto& tensor : tensors) {
        facts.parameters += tensor.shape[0] * tensor.shape[1] * tensor.shape[2] * tensor.shape[3];
        facts.tensor_bytes += tensor.bytes;
    }
    facts.context_length = m.integer(arch + ".context_length");
    facts.embedding_length = sane(m.integer(arch + ".embedding_length"), kMaxWidth);
    facts.layers = sane(m.integer(arch + ".block_count"), kMostLayers);
    facts.heads = sane(most_of_layers(m, arch + ".attention.head_count"), kMaxWidth);
    facts.sliding_window = m.integer(arch + ".attention.sliding_window");
    const auto tokens = m.lengths.find("tokenizer.ggml.tokens");
    facts.vocabulary = tokens != m.lengths.end() ? tokens->second : m.integer(arch + ".vocab_size");
    cache_facts(m, arch, facts);

    const auto chat = m.string("tokenizer.chat_template");
    facts.chat_template = !chat.empty();
    facts.tools = chat.find("tools") != std::string::npos;
    facts.reasoning = chat.find("<think") != std::string::npos ||
                      chat.find("enable_thinking") != std::string::npos ||
                      chat.find("reasoning_effort") != std::string::npos;
    facts.fim = fim_of(m);
    facts.pooling = pooling_name(m, arch + ".pooling_type");
    const auto causal = m.integers.find(arch + ".attention.causal");
    facts.embedding = (!facts.pooling.empty() && facts.pooling != "none") ||
                      (causal != m.integers.end() && causal->second == 0 &&
                       facts.architecture.find("bert") != std::string::npos);
    facts.split_no = static_cast<std::uint32_t>(sane(m.integer("split.no"), UINT16_MAX));
    facts.split_count = static_cast<std::uint32_t>(sane(m.integer("split.count"), UINT16_MAX));
    return facts;
}

}  // namespace hearth::models

#pragma once
// Builds GGUF files for tests, valid or deliberately invalid.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "models/gguf_types.h"

namespace hearth::models::test {

class GgufBuilder {
  public:
    std::uint32_t version = 3, alignment = 32;
    bool pad_last = true;

    GgufBuilder& number(std::string_view key, std::uint32_t value) {
        head(key, GgufType::uint32);
        put(keys_, value);
        return *this;
    }
    GgufBuilder& boolean(std::string_view key, bool value) {
        head(key, GgufType::boolean);
        keys_.push_back(value ? 1 : 0);
        return *this;
    }
    GgufBuilder& string(std::string_view key, std::string_view value) {
        head(key, GgufType::string);
        text(keys_, value);
        return *this;
    }
    GgufBuilder& strings(std::string_view key, const std::vector<std::string>& values) {
        head(key, GgufType::array);
        put(keys_, static_cast<std::uint32_t>(GgufType::string));
        put(keys_, std::uint64_t{values.size()});
        for (const auto& value : values) text(keys_, value);
        return *this;
    }
    GgufBuilder& numbers(std::string_view key, const std::vector<std::uint32_t>& values) {
        head(key, GgufType::array);
        put(keys_, static_cast<std::uint32_t>(GgufType::uint32));
        put(keys_, std::uint64_t{values.size()});
        for (const auto value : values) put(keys_, value);
        return *this;
    }
    GgufBuilder& raw_key(std::string_view bytes) {
        keys_ += bytes;
        ++key_count_;
        return *this;
    }
    GgufBuilder& tensor(std::string_view name, std::vector<std::uint64_t> shape, std::uint32_t type = 0) {
        const auto kind = tensor_type(type);
        std::uint64_t elements = 1;
        for (const auto side : shape) elements *= side;
        text(tensors_, name);
        put(tensors_, static_cast<std::uint32_t>(shape.size()));
        for (const auto side : shape) put(tensors_, side);
        put(tensors_, type);
        put(tensors_, std::uint64_t{data_});
        last_bytes_ = kind.elements ? elements / kind.elements * kind.bytes : 0;
        data_ = pad(data_ + last_bytes_);
        ++tensor_count_;
        return *this;
    }
    [[nodiscard]] std::string build() const {
        std::string out = "GGUF";
        put(out, version);
        put(out, tensor_count_);
        put(out, key_count_);
        out += keys_;
        out += tensors_;
        if (tensor_count_ > 0) out.resize(pad(out.size()));
        std::uint64_t data = data_;
        if (!pad_last && tensor_count_ > 0) data -= pad(last_bytes_) - last_bytes_;
        for (std::uint64_t i = 0; i < data; ++i) out.push_back(static_cast<char>(i * 31));
        return out;
    }

    // A tiny llama model with all keys that the facts use.
    static GgufBuilder tiny() {
        GgufBuilder b;
        b.string("general.architecture", "llama")
            .string("general.name", "Tiny")
            .string("general.license", "mit");
        b.number("general.file_type", 15)
            .number("llama.context_length", 2048)
            .number("llama.embedding_length", 64);
        b.number("llama.block_count", 2)
            .number("llama.attention.head_count", 4)
            .number("llama.attention.head_count_kv", 2);
        b.strings("tokenizer.ggml.tokens", {"a", "b", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"});
        b.string("tokenizer.chat_template", "{% if tools %}x{% endif %}<think>");
        b.tensor("token_embd.weight", {64, 5})
            .tensor("output_norm.weight", {64})
            .tensor("blk.0.q", {256, 3}, 12);
        return b;
    }

  private:
    template <class T>
    static void put(std::string& out, T value) {
        char bytes[sizeof value];
        std::memcpy(bytes, &value, sizeof value);
        out.append(bytes, sizeof value);
    }
    static void text(std::string& out, std::string_view value) {
        put(out, std::uint64_t{value.size()});
        out += value;
    }
    void head(std::string_view key, GgufType type) {
        text(keys_, key);
        put(keys_, static_cast<std::uint32_t>(type));
        ++key_count_;
    }
    [[nodiscard]] std::uint64_t pad(std::uint64_t n) const {
        return (n + alignment - 1) / alignment * alignment;
    }
    std::string keys_, tensors_;
    std::uint64_t key_count_ = 0, tensor_count_ = 0, data_ = 0, last_bytes_ = 0;
};

}  // namespace hearth::models::test

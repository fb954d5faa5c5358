#pragma once
// The tables of the format: sizes of tensor types and names of file types.
// Source: ggml.h, ggml-common.h (block layouts and their static_asserts) and llama.h of llama.cpp v0.5.0.
#include <cstdint>
#include <string_view>

namespace hearth::models {

struct TensorType {
    std::string_view name;       // empty: no such type
    std::uint32_t elements = 0;  // of one block
    std::uint32_t bytes = 0;     // of one block
};
[[nodiscard]] TensorType tensor_type(std::uint32_t ggml_type);

enum class GgufType : std::uint32_t {
    uint8,
    int8,
    uint16,
    int16,
    uint32,
    int32,
    float32,
    boolean,
    string,
    array,
    uint64,
    int64,
    float64
};
[[nodiscard]] std::uint32_t gguf_type_bytes(GgufType type);  // 0 for string, array and unknown ones
[[nodiscard]] std::string_view gguf_type_name(GgufType type);

}  // namespace hearth::models

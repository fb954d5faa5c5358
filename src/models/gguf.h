#pragma once
// Metadata of a GGUF file, read without libllama so that the gateway can check an untrusted file.
// Format: ggml's gguf.h and gguf.cpp, llama.cpp v0.5.0; little endian; versions 2 and 3 (1 was never in wide use, 3
// differs from 2 only by allowing big-endian files, which are rejected with their own message).
//
// Everything is bounded: at most kGgufMetadataBytes are read, unneeded strings are skipped, arrays are iterated without
// being stored. Errors: Code::corrupt (not GGUF, invalid, truncated: with expected and actual bytes in limit/needed and in
// the message), Code::unsupported (version, big endian), Code::not_found, Code::storage.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hearth::models {

inline constexpr std::uint64_t kGgufMetadataBytes = 512ULL << 20;  // header, keys and tensor infos
inline constexpr std::uint64_t kGgufKeys = 65'536;
inline constexpr std::uint64_t kGgufTensors = 262'144;

// The facts that naming, routing, estimates and `hearth show` need. 0 or empty: not in the file.
struct GgufFacts {
    std::string architecture;  // general.architecture: "llama", "qwen2"
    std::string name;          // general.name
    std::string type;          // general.type: "model", "adapter", "mmproj", "imatrix"; empty = model
    std::string license;       // general.license
    std::string
        quantization;  // "Q4_K_M", "F16": from general.file_type, else from the most common tensor type
    std::uint64_t parameters = 0;      // elements of all tensors of this file
    std::uint64_t tensor_bytes = 0;    // size of the weights
    std::uint64_t context_length = 0;  // as trained
    std::uint64_t embedding_length = 0, layers = 0, heads = 0, vocabulary = 0;
    std::uint64_t sliding_window = 0;  // tokens; 0 = none
    // Bytes per token of context in an f16 cache: in layers with full attention, and in layers with a sliding window (which
    // keep at most sliding_window tokens).
    std::uint64_t kv_bytes_per_token = 0, kv_window_bytes_per_token = 0;
    bool chat_template = false;
    bool tools = false;                           // the template mentions tools
    bool reasoning = false;                       // the template mentions a thinking block
    bool fim = false;                             // fill-in-the-middle tokens are present
    bool embedding = false;                       // pools its output, or is an encoder
    bool recurrent = false;                       // some layers keep a state instead of a cache
    std::string pooling;                          // "none" | "mean" | "cls" | "last" | "rank" | ""
    std::uint32_t split_no = 0, split_count = 0;  // one part of several; parts are numbered from 0
    bool operator==(const GgufFacts&) const = default;
};

struct GgufTensor {
    std::string name;
    std::array<std::uint64_t, 4> shape{1, 1, 1, 1};
    std::uint32_t type = 0;    // ggml_type
    std::uint64_t offset = 0;  // from the start of the data section
    std::uint64_t bytes = 0;
};

struct GgufKey {
    std::string key, value;  // scalars as text; strings up to 4096 bytes; arrays as "[string × 151936]"
    enum class Kind : std::uint8_t { number, boolean, text, array } kind = Kind::text;
};

struct Gguf {
    std::uint32_t version = 0, alignment = 32;
    std::uint64_t data_offset = 0;     // where tensor data begins
    std::uint64_t expected_bytes = 0;  // required file size for all tensors
    std::vector<GgufKey> keys;
    std::vector<GgufTensor> tensors;
    GgufFacts facts;
    std::string chat_template;  // tokenizer.chat_template, whole
};

// `file_bytes` is the length of the whole file; `bytes` may be only its beginning (at least all metadata).
[[nodiscard]] Result<Gguf> parse_gguf(std::span<const std::uint8_t> bytes, std::uint64_t file_bytes);
// Reads with pread, a few pages at a time; a file that shrinks meanwhile is an error, not a signal.
[[nodiscard]] Result<Gguf> read_gguf(const std::string& path);
[[nodiscard]] Result<Gguf> read_gguf(int fd, std::string_view path_for_messages);

[[nodiscard]] std::string_view gguf_tensor_type_name(std::uint32_t type);     // 8 -> "Q8_0"; "" if unknown
[[nodiscard]] std::string_view gguf_file_type_name(std::uint64_t file_type);  // 15 -> "Q4_K_M"; "" if unknown

// "model-00002-of-00005.gguf" -> {"model", 2, 5}; count 0 if the name is not one part of several (llama.cpp's naming).
struct SplitName {
    std::string_view stem;
    std::uint32_t number = 0, count = 0;
};
[[nodiscard]] SplitName parse_split_name(std::string_view file_name);

}  // namespace hearth::models

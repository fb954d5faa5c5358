// USES: models
// A model file made by a stranger: read or refused, never a crash, and never more tensors than the file holds.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "models/gguf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = hearth::models::parse_gguf({data, size}, size);
    if (parsed && parsed->expected_bytes > size) std::abort();
    if (!parsed && parsed.error()->message.empty()) std::abort();
    // Cut in half it must not be taken for whole, unless it holds no tensors there.
    const auto half = hearth::models::parse_gguf({data, size / 2}, size / 2);
    if (half && half->expected_bytes > size / 2) std::abort();
    return 0;
}

// USES: models
// An untrusted model file is read or rejected, without a crash, and never has more tensors than fit into the file.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "models/gguf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = hearth::models::parse_gguf({data, size}, size);
    if (parsed && parsed->expected_bytes > size) std::abort();
    if (!parsed && parsed.error()->message.empty()) std::abort();
    // Half of the file must not be accepted, unless there are no tensors in the other half.
    const auto half = hearth::models::parse_gguf({data, size / 2}, size / 2);
    if (half && half->expected_bytes > size / 2) std::abort();
    return 0;
}

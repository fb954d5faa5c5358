// USES: wire text base exchange
// Any JSON that decodes as a request survives encoding and decoding.
#include <cstdint>
#include <string_view>

#include "wire/openai/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hearth;
    json::Document document;
    if (!document.parse({reinterpret_cast<const char*>(data), size})) return 0;
    const auto request = wire::openai::decode_completion(document);
    if (!request) return request.error()->message.empty() ? (__builtin_trap(), 0) : 0;
    const auto body = wire::openai::encode_request(*request);
    if (!document.parse(body)) __builtin_trap();
    const auto again = wire::openai::decode_completion(document);
    if (!again || !(*again == *request)) __builtin_trap();
    return 0;
}

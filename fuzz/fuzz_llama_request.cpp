// USES: wire text base exchange
// Any JSON that decodes as a request of llama-server is encoded as JSON that decodes again, to the same bytes from
// then on.
#include <cstdint>
#include <string_view>

#include "wire/llama/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hearth;
    if (size == 0) return 0;
    wire::Call call;
    call.endpoint = data[0] % 2 == 0 ? "completion" : "infill";
    json::Document document;
    if (!document.parse({reinterpret_cast<const char*>(data) + 1, size - 1})) return 0;
    const auto request = wire::llama::decode_request(call, document);
    if (!request) return request.error()->message.empty() ? (__builtin_trap(), 0) : 0;
    const auto body = wire::llama::encode_request(*request);
    if (!document.parse(body)) __builtin_trap();
    const auto again = wire::llama::decode_request(call, document);
    if (!again || wire::llama::encode_request(*again) != body) __builtin_trap();
    return 0;
}

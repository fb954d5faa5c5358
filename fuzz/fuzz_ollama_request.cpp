// USES: wire text base exchange
// Any JSON that decodes as a request of Ollama is encoded as JSON that decodes again, to the same bytes from then on.
#include <cstdint>
#include <string_view>

#include "wire/ollama/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hearth;
    static constexpr std::string_view kEndpoints[] = {"chat", "generate", "embed", "embeddings"};
    if (size == 0) return 0;
    wire::Call call;
    call.endpoint = kEndpoints[data[0] % 4];
    json::Document document;
    if (!document.parse({reinterpret_cast<const char*>(data) + 1, size - 1})) return 0;
    const auto request = wire::ollama::decode_request(call, document);
    if (!request) return request.error()->message.empty() ? (__builtin_trap(), 0) : 0;
    (void)wire::ollama::is_unload(*request);
    const auto body = wire::ollama::encode_request(*request);
    if (!document.parse(body)) __builtin_trap();
    wire::Call second;
    second.kind = request->kind;
    const auto again = wire::ollama::decode_request(second, document);
    if (!again || again->kind != request->kind) __builtin_trap();
    if (wire::ollama::is_load(*again) != wire::ollama::is_load(*request)) __builtin_trap();
    if (wire::ollama::encode_request(*again) != body) __builtin_trap();
    return 0;
}

// USES: wire text base exchange
// Any JSON that decodes as a Gemini request can be encoded for an upstream and decoded again; its edits give valid JSON.
// The first byte selects the endpoint; paths are read from the same bytes.
#include <cstdint>
#include <string_view>

#include "wire/gemini/codec.h"
#include "wire/gemini/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hearth;
    namespace gemini = wire::gemini;
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (const auto call = gemini::parse_path(text, "alt=sse")) {
        if (call->model.empty()) __builtin_trap();
    }
    static const wire::Call kCalls[] = {
        {.kind = exchange::Kind::chat, .endpoint = "generateContent", .model = "gemini-2.5-pro"},
        {.kind = exchange::Kind::chat, .endpoint = "generateContent", .model = "gemini-3-pro"},
        {.kind = exchange::Kind::count, .endpoint = "countTokens", .model = "m"},
        {.kind = exchange::Kind::embedding, .endpoint = "embedContent", .model = "m"},
        {.kind = exchange::Kind::embedding, .endpoint = gemini::kBatchEmbed, .model = "m"}};
    const auto& call = kCalls[data[0] % 5];
    json::Document document;
    if (!document.parse(text)) return 0;
    const auto request = gemini::decode_request(call, document);
    if (!request) return request.error()->message.empty() ? (__builtin_trap(), 0) : 0;
    const auto plan = gemini::upstream_codec().edits(document, {.provider = "p", .model = "m"});
    const auto edited = text::apply_edits(text, plan.edits);
    if (!edited || !document.parse(*edited)) __builtin_trap();
    const auto body = gemini::encode_request(*request, {.provider = "p"});
    if (!document.parse(body)) __builtin_trap();
    wire::Call again = call;
    if (call.kind == exchange::Kind::embedding) again.endpoint = gemini::kBatchEmbed;
    const auto back = gemini::decode_request(again, document);
    // A request with foreign parts only is empty after encoding.
    if (!back && back.error()->param.find("contents") == std::string::npos) __builtin_trap();
    return 0;
}

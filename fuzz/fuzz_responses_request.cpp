// USES: wire text base exchange
// Any JSON that decodes as a Responses request is encoded as valid JSON that decodes again, and is edited into valid JSON.
#include <cstdint>
#include <string_view>

#include "text/edit.h"
#include "wire/codecs.h"
#include "wire/responses/items.h"
#include "wire/responses/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hearth;
    namespace responses = wire::responses;
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    json::Document document, other;
    if (!document.parse(body)) return 0;
    const auto request = responses::decode_request(exchange::Kind::chat, document);
    if (!request) return request.error()->message.empty() ? (__builtin_trap(), 0) : 0;
    const wire::UpstreamNeeds needs{.provider = "p", .model = "m", .developer_as_system = true};
    const auto plan = wire::upstream_codec(exchange::Dialect::responses)->edits(document, needs);
    const auto edited = text::apply_edits(body, plan.edits);
    if (!edited || !other.parse(*edited)) __builtin_trap();
    const auto before = responses::input_items(document);
    if (!other.parse(responses::with_items_before(document, before))) __builtin_trap();
    // Encoding is stable after the first time.
    const auto once = responses::encode_request(*request, {});
    if (!other.parse(once)) __builtin_trap();
    const auto again = responses::decode_request(exchange::Kind::chat, other);
    if (!again) return 0;  // it had only Foreign parts or none
    if (responses::encode_request(*again, {}) != once && request->chat().tools.empty()) __builtin_trap();
    return 0;
}

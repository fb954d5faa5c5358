// USES: wire text base exchange
// Any JSON that decodes as a Messages request is encoded as valid JSON, which decodes and encodes to the same bytes again.
// Its edits give valid JSON.
#include <cstdint>
#include <string_view>

#include "wire/anthropic/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hearth;
    const auto& client = wire::anthropic::client_codec();
    const auto& upstream = wire::anthropic::upstream_codec();
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    json::Document document;
    if (!document.parse(input)) return 0;
    const auto request = client.decode({}, document);
    if (!request) return request.error()->message.empty() ? (__builtin_trap(), 0) : 0;
    const std::string_view refused[] = {"metadata"};
    const wire::UpstreamNeeds needs{.provider = "p", .model = "m", .remove = refused};
    const auto edited = text::apply_edits(input, upstream.edits(document, needs).edits);
    json::Document other;
    if (!edited || !other.parse(*edited)) __builtin_trap();

    const auto body = upstream.encode(*request, {.provider = "p"});
    if (!document.parse(body)) __builtin_trap();
    const auto again = client.decode({}, document);
    if (!again) {
        // Parts that are not encoded (another vendor's, empty text) may leave no messages.
        if (again.error()->param != "messages") __builtin_trap();
        return 0;
    }
    if (upstream.encode(*again, {.provider = "p"}) != body) __builtin_trap();
    return 0;
}

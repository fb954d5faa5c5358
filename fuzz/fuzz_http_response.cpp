// USES: http
// The same response and end however split; a decoded head can be encoded and decodes to the same again.
#include "http/encoder.h"
#include "http/response_decoder.h"
#include "split.h"

using namespace hearth;

static std::string decode(std::string_view bytes, std::size_t step, bool again) {
    http::ResponseDecoder decoder({.head_bytes = 1024, .headers = 8, .body_bytes = 512});
    std::string out, head;
    fuzz::in_pieces(bytes, step, [&](std::string_view rest) {
        for (auto p = decoder.feed(rest);; p = decoder.feed(rest)) {
            if (!p || p->event == http::Event::end) return false;
            rest.remove_prefix(p->consumed);
            if (p->event == http::Event::need_more) return true;
            out += p->body;
            if (p->event != http::Event::head) continue;
            if (!http::append_response_head(head = {}, decoder.head())) __builtin_trap();
            out += head;
            const bool plain = decoder.head().version_minor == 1 && !decoder.head().reason.empty();
            if (again && plain && !decode(head, head.size(), false).starts_with(head)) __builtin_trap();
        }
    });
    return out + (decoder.eof() ? "+" : "-");
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::same_when_split(
        data, size, [](std::string_view b, std::size_t step) { return decode(b, step, step > b.size()); });
    return 0;
}

// USES: http
// The same requests and errors however split; a decoded head can be encoded and decodes to the same again.
#include "http/encoder.h"
#include "http/request_decoder.h"
#include "split.h"

using namespace hearth;

static std::string decode(std::string_view bytes, std::size_t step, bool again) {
    http::RequestDecoder decoder({.head_bytes = 1024, .headers = 8, .target_bytes = 256, .body_bytes = 512});
    std::string out, head;
    fuzz::in_pieces(bytes, step, [&](std::string_view rest) {
        for (auto p = decoder.feed(rest);; p = decoder.feed(rest)) {
            if (!p) return out += '!' + std::to_string(p.error()->http_status), false;
            rest.remove_prefix(p->consumed);
            if (p->event == http::Event::need_more) return true;
            out += p->event == http::Event::end ? "\nend\n" : p->body;
            if (p->event == http::Event::end) decoder.next();
            if (p->event != http::Event::head) continue;
            if (!http::append_request_head(head = {}, decoder.head())) __builtin_trap();
            out += head;
            const bool plain =
                decoder.head().form == http::TargetForm::origin && decoder.head().version_minor == 1;
            if (again && plain && !decode(head, head.size(), false).starts_with(head)) __builtin_trap();
        }
    });
    return out;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::same_when_split(
        data, size, [](std::string_view b, std::size_t step) { return decode(b, step, step > b.size()); });
    return 0;
}

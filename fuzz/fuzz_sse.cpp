// USES: text
// Same events however the stream is split, and data survives encoding.
#include "split.h"
#include "text/sse.h"

using namespace hearth;

static std::string decode(std::string_view bytes, std::size_t step) {
    text::SseDecoder decoder(4096);
    std::string out;
    fuzz::in_pieces(bytes, step, [&](std::string_view piece) {
        text::SseEvent e;
        Result<bool> more;
        decoder.feed(piece);
        while ((more = decoder.next(e)) && *more)
            out.append(e.event).append("\n1").append(e.data).append("\n2").append(e.id);
        out += more ? "" : "!";
        return more.has_value();
    });
    return out;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::same_when_split(data, size, decode);
    std::string plain(reinterpret_cast<const char*>(data), size < 500 ? size : 500), out;
    for (char& c : plain) c = c == '\r' ? ' ' : c;  // every line end is decoded as LF
    text::append_sse(out, "", plain);
    if (decode(out, out.size()) != "\n1" + plain + "\n2") __builtin_trap();
    return 0;
}

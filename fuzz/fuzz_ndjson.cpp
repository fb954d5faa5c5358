// USES: text
// Same lines however the stream is split, and joined lines decode to the same.
#include "split.h"
#include "text/ndjson.h"

using namespace hearth;

static std::string decode(std::string_view bytes, std::size_t step) {
    text::LineDecoder decoder(512);
    std::string out;
    fuzz::in_pieces(bytes, step, [&](std::string_view piece) {
        std::string_view line;
        Result<bool> more;
        decoder.feed(piece);
        while ((more = decoder.next(line)) && *more) out.append(line).append(1, '\n');
        out += more ? "" : "!";
        return more.has_value();
    });
    return out + std::string(decoder.unfinished());
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string lines = fuzz::same_when_split(data, size, decode);
    if (lines.find('\r') == std::string::npos && decode(lines, 7) != lines) __builtin_trap();
    return 0;
}

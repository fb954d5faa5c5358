#pragma once
// Server-sent events as in the WHATWG HTML standard, section 9.2.6 ("Interpreting an event stream").
#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/limits.h"

namespace hearth::text {

// One dispatched event. All views are valid until the decoder's next call of feed() or next().
struct SseEvent {
    std::string_view event;     // the event field; empty when absent (its meaning is then "message")
    std::string_view data;      // data lines joined with '\n'; bytes as received, UTF-8 is not checked here
    std::string_view id;        // the id field of this event; empty when absent
    std::string_view raw;       // the original bytes, first line to blank line, to be forwarded unchanged
    bool has_comments = false;  // raw holds comment lines, which some clients cannot read
};

// Bytes in arbitrary pieces in, events out:
//     decoder.feed(bytes);
//     SseEvent event;
//     for (;;) {
//         auto more = decoder.next(event);
//         if (!more) return fail(more.error());
//         if (!*more) break;  // needs more bytes; the fed ones may be freed now
//         ... event ...
//     }
// `bytes` must stay valid until next() has returned false; feeding before that is a bug of the caller. An event
// contained in one piece is neither copied nor allocated for (several data lines are joined in a reused buffer).
// Blocks without a data line (comments, keep-alives, retry) are dropped. Line ends are LF, CRLF or CR; one leading BOM is dropped. A blank line ending in CR dispatches at
// once; an LF that follows in the next piece belongs to it and is at the front of the next event's raw,
// so that forwarded bytes stay the same. An event over max_event_bytes is Code::upstream_broken, as is every
// later call.
class SseDecoder {
  public:
    explicit SseDecoder(std::size_t max_event_bytes = limits::kSseEventBytes) : max_(max_event_bytes) {}

    void feed(std::string_view bytes);
    [[nodiscard]] Result<bool> next(SseEvent& out);  // true: out is filled; false: feed more

    // At the end of the stream: bytes of an event without its final blank line. The standard discards them;
    // for a relay they mean that the stream was truncated.
    [[nodiscard]] std::string_view unfinished() const;

    void reset();  // a new stream; keeps buffers

  private:
    bool find_block_end(std::size_t& end);
    bool parse_block(std::string_view block, SseEvent& out);

    std::size_t max_;
    std::string_view input_;     // what of the fed piece is not yet consumed
    std::string pending_;        // the beginning of an incomplete block
    std::string data_;           // several data lines joined
    bool pending_done_ = false;  // pending_ was handed out and is to be cleared
    bool at_line_start_ = true;
    bool after_cr_ = false;
    bool at_stream_start_ = true;
    bool failed_ = false;
};

// Appends one event: "event: E\n" when event is not empty, a "data: " line for every line of data, a blank
// line. CR in data ends a line too, as a reader would take it. event must hold no line breaks (they are
// dropped).
void append_sse(std::string& out, std::string_view event, std::string_view data);

}  // namespace hearth::text

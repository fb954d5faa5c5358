#pragma once
// Inside this folder: the words that several places share: stop reasons, usage, and the marks of opaque state.
#include <optional>
#include <string>
#include <string_view>

#include "exchange/event.h"
#include "text/json.h"
#include "text/json_writer.h"

namespace hearth::wire::anthropic {

// A thinking block may be shown without its text (display "omitted"), so nothing but a signature does not tell it from a
// redacted one. Opaque data of redacted blocks therefore begins with this mark inside the exchange form; base64 has no
// colon.
inline constexpr std::string_view kRedacted = "redacted:";
// A thought signature of a tool call has no place in a tool_use block: it goes to the client as a redacted block before
// the call, marked so (under the seal), and comes back to the call that follows.
inline constexpr std::string_view kOfCall = "call:";
// Thinking that the client asked not to be shown, carried under the seal in place of a signature.
inline constexpr std::string_view kWithheld = "text:";

// Nothing but white space, which Anthropic refuses as text and as a stop sequence.
inline constexpr std::string_view kBlanks = " \t\r\n\f\v";
[[nodiscard]] constexpr bool is_blank(std::string_view text) {
    return text.find_first_not_of(kBlanks) == std::string_view::npos;
}

// "" is none; a word that is new counts as a plain stop.
[[nodiscard]] std::optional<exchange::FinishReason> parse_stop(std::string_view word);
struct StopFacts {
    bool sequence = false;  // one of the client's stop sequences matched
    bool refused = false;   // the text was a refusal
    bool called = false;    // tools were called, whatever the reason says
};
[[nodiscard]] std::string_view stop_word(exchange::FinishReason reason, const StopFacts& facts);

// Anthropic counts cached tokens beside input_tokens, the exchange form counts them in.
class UsageReader {
  public:
    // A `usage` object, of message_start or of message_delta. Later counts replace earlier ones; zeros in place of counts
    // that were known (some compatible servers send them) do not.
    void read(json::Value usage);
    [[nodiscard]] std::optional<exchange::Usage> usage() const;

  private:
    std::optional<std::int64_t> plain_, read_, written_, output_, thinking_;
};

// The members of a usage object. A whole answer and message_start must have both counts, known or not: 0 then.
void write_usage(json::Writer& w, const exchange::Usage& usage, bool must_count);

}  // namespace hearth::wire::anthropic

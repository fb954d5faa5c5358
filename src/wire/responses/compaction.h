#pragma once
// Compaction (platform.openai.com/docs/guides/compaction): a conversation is replaced by one item of type `compaction`, which
// the client cannot read and sends back in its place. It is asked for by POST /v1/responses/compact or by an input item of
// type `compaction_trigger` at the end; the answer then has that one item. OpenAI's own are passed through. For every other
// model the item is made here: the model is asked for a summary, which the item carries, marked as ours (opaque.h).
#include <optional>
#include <string>
#include <string_view>

#include "exchange/request.h"
#include "text/json.h"
#include "wire/dialect.h"
#include "wire/responses/stream_encoder.h"

namespace hearth::wire::responses {

[[nodiscard]] bool asks_compaction(json::Value input);  // ends in a compaction_trigger
// Makes the request one for a summary: no tools are called, an answer in text.
void ask_for_summary(exchange::Request& request);

// An item's encrypted_content for a summary, and the text that stands for such an item in a conversation; nullopt: not ours.
[[nodiscard]] std::string sealed_summary(std::string_view summary);
[[nodiscard]] std::optional<std::string> summary_of(std::string_view encrypted_content);

// An answer without one must not take a conversation's place.
[[nodiscard]] bool is_summary(std::string_view text);
[[nodiscard]] Error no_summary();

// Writes an answer in text as one item of type compaction.
class CompactionStream final : public wire::StreamEncoder {
  public:
    explicit CompactionStream(const AnswerContext& context) : inner_(context) {}
    void write(const exchange::Event& event, std::string& out) override;
    [[nodiscard]] std::string body() const { return inner_.body(); }

  private:
    responses::StreamEncoder inner_;
    std::string summary_;
};

// The answer to /responses/compact: {"object":"response.compaction","output":[…],"usage":{…}}.
[[nodiscard]] std::string compaction_body(const AnswerContext& context, const exchange::Answer& answer);

}  // namespace hearth::wire::responses

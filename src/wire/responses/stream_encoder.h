#pragma once
// Writes exchange events as a stream of the Responses dialect, strictly as OpenAI sends it: response.created and
// .in_progress, then each output item from output_item.added to output_item.done, then response.completed, .incomplete
// or .failed with the whole response object. Every event has its `event:` name and sequence_number; there is no [DONE].
// One answer only: choices above 0 have no place here.
//
// Calls may be open side by side, each with its own output_index; words and thoughts are closed by what follows them.
//
// Facts: platform.openai.com/docs/api-reference/responses-streaming.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/event.h"
#include "wire/dialect.h"
#include "wire/responses/output_item.h"
#include "wire/responses/response_object.h"

namespace hearth::wire::responses {

class StreamEncoder final : public wire::StreamEncoder {
  public:
    explicit StreamEncoder(const AnswerContext& context);
    void write(const exchange::Event& event, std::string& out) override;
    // An item of type compaction (compaction.h), instead of a message.
    void compaction(std::string sealed, std::string& out);

    // What has been written so far, as items to be stored: with sealed reasoning, whatever the client asked for.
    [[nodiscard]] std::vector<std::string> stored_items() const;
    [[nodiscard]] const std::string& id() const { return object_.id(); }  // "resp_…"
    [[nodiscard]] std::string body() const;                               // the response object as it stands

  private:
    struct Visitor;
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    void start(std::string& out);
    std::size_t add(OutputItem item, std::string_view prefix, std::string& out);
    void done(std::size_t at, OutputItem::Status status, std::string& out);
    OutputItem::Content& content(bool refusal, std::string& out);
    void close_content(std::string& out);
    void close_message(OutputItem::Status status, std::string& out);
    void close_reasoning(std::string& out);
    void close_call(std::size_t at, OutputItem::Status status, std::string& out);
    void close_all(OutputItem::Status status, std::string& out);

    void text(const exchange::TextDelta& delta, std::string& out);
    void refusal(const exchange::RefusalDelta& delta, std::string& out);
    void logprobs(const exchange::LogprobsDelta& delta, std::string& out);
    void citation(const exchange::Citation& citation, std::string& out);
    void reasoning(const exchange::ReasoningDelta& delta, std::string& out);
    void call(const exchange::ToolCallDelta& delta, std::string& out);
    void media(const exchange::MediaDelta& delta, std::string& out);
    void finish(const exchange::Finish& finish, std::string& out);
    void end(std::string& out);
    void fail(const Error& error, std::string& out);
    [[nodiscard]] ResponseState state() const;

    AnswerContext context_;
    ResponseObject object_;
    std::vector<OutputItem> items_;                    // by output_index
    std::size_t message_ = kNone, reasoning_ = kNone;  // open
    bool part_open_ = false;                           // the message's last part
    std::vector<std::size_t> calls_;                   // open, in order
    std::vector<exchange::TokenLogprob> waiting_;      // log-probabilities that came before their text
    std::int64_t chars_ = 0;                           // of text, in all parts
    std::int64_t sequence_ = 0;
    std::optional<exchange::FinishReason> reason_;
    std::optional<exchange::Usage> usage_;
    bool started_ = false, over_ = false;
};

}  // namespace hearth::wire::responses

#pragma once
// Inside this folder: the response object, in which an answer repeats what it was asked. Every field that the vendor
// writes is there, null where nothing is known: clients check it against a schema (openresponses.org, ResponseResource).
#include <span>
#include <string>
#include <string_view>

#include "exchange/event.h"
#include "wire/dialect.h"
#include "wire/responses/output_item.h"

namespace hearth::wire::responses {

// What changes while the answer comes.
struct ResponseState {
    std::string_view status = "in_progress";
    std::string_view incomplete_reason;  // "max_output_tokens", "content_filter" or empty
    std::span<const OutputItem> output;
    const exchange::Usage* usage = nullptr;
    std::string_view error_code, error_message;  // status "failed"
};

class ResponseObject {
  public:
    explicit ResponseObject(const AnswerContext& context);
    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] bool with_encrypted() const { return with_encrypted_; }
    void write(json::Writer& w, const ResponseState& state) const;  // a value, on one line

  private:
    std::string id_, model_;
    std::int64_t created_s_ = 0;
    bool with_encrypted_ = false;
    std::string repeated_;  // members that are the same in every event, without the braces
};

// The whole object as it ends well or badly; for streams and whole answers alike.
[[nodiscard]] std::string_view status_of(exchange::FinishReason reason);
[[nodiscard]] std::string_view incomplete_reason(exchange::FinishReason reason);  // empty: it is complete

void write_usage(json::Writer& w, const exchange::Usage* usage);  // a member; null when nothing is known

// The code and the words with which a response fails: agents stop, wait or compact by them.
struct Failure {
    std::string code, message;
};
[[nodiscard]] Failure failure_of(const Error& error);

}  // namespace hearth::wire::responses

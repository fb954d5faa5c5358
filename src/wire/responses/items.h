#pragma once
// For who keeps answers (previous_response_id, the WebSocket's connection): requests and answers as lists of items, each
// its raw JSON text.
//
// Facts: platform.openai.com/docs/guides/conversation-state.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/event.h"
#include "text/json.h"
#include "text/sse.h"
#include "wire/dialect.h"

namespace hearth::wire::responses {

// The items of a request's `input`; a string is one user message. Empty when there is none.
[[nodiscard]] std::vector<std::string> input_items(const json::Document& document);

// The request as a complete one: `input` is `before` and then its own items, previous_response_id is gone. `message`: it came
// over a WebSocket, as for body_of_message().
[[nodiscard]] std::string with_items_before(const json::Document& document,
                                            std::span<const std::string> before, bool message = false);
// The body of a POST out of a response.create message: no `type` and no `generate`, always streamed.
[[nodiscard]] std::string body_of_message(const json::Document& document);

// ---- what an answer adds to the conversation. Translated answers are stored with their reasoning sealed, also when the
// client did not ask to see that; answers of the same dialect as they came.

// Of a translated whole answer; the ids are those that whole() writes.
[[nodiscard]] std::vector<std::string> output_items(const AnswerContext& context,
                                                    const exchange::Answer& answer);
// Of a stream that client_codec().stream() has written so far. Empty for another codec's.
[[nodiscard]] std::vector<std::string> output_items(const wire::StreamEncoder& stream);
// Of a response object.
[[nodiscard]] std::vector<std::string> output_items(json::Value response);

// Of a stream that is passed on: reads along what goes to the client, or comes from the upstream, however it is cut.
class ItemCollector {
  public:
    void feed(std::string_view bytes);
    [[nodiscard]] bool whole() const {
        return whole_;
    }  // the stream reached response.completed or .incomplete
    [[nodiscard]] const std::string& id() const { return id_; }  // "resp_…"
    [[nodiscard]] const std::vector<std::string>& items() const { return items_; }
    [[nodiscard]] const std::string& response() const {
        return response_;
    }  // the object as it was at the end

  private:
    text::SseDecoder decoder_;
    json::Document document_;
    std::string id_, response_;
    std::vector<std::string> items_;
    std::size_t bytes_ = 0;  // kept
    bool whole_ = false, broken_ = false;
};

}  // namespace hearth::wire::responses

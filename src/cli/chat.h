#pragma once
// A conversation with the daemon over POST /v1/chat/completions, streamed.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/http_client.h"
#include "text/sse.h"

namespace hearth::cli {

struct ChatSettings {
    std::string model, system;
    std::optional<double> temperature;
    std::optional<std::int64_t> max_tokens;
};

struct Answer {
    std::string text;
    std::string finish;  // "stop" | "length" | …; empty when the stream has none
    std::string route;   // x-hearth-route: model, place, reason
    std::optional<std::int64_t> input_tokens, output_tokens;
    bool cancelled = false;
};

class Chat {
  public:
    Chat(HttpClient daemon, ChatSettings settings)
        : daemon_(std::move(daemon)), settings(std::move(settings)) {}

    // Shows pieces as they arrive; `thinking` pieces are not part of the answer. The turn is kept for the next question,
    // including a cancelled partial answer; after an error the question is removed. Errors: the daemon's, and
    // upstream_broken when the stream ends without [DONE].
    using Show = std::function<void(std::string_view piece, bool thinking)>;
    [[nodiscard]] Result<Answer> ask(std::string question, const Show& show,
                                     const std::function<bool()>& cancelled);

    void clear() { turns_.clear(); }
    [[nodiscard]] std::size_t turns() const { return turns_.size(); }
    [[nodiscard]] std::string request_body() const;

  private:
    struct Turn {
        std::string_view role;
        std::string text;
    };
    HttpClient daemon_;
    std::vector<Turn> turns_;

  public:
    ChatSettings settings;  // may be changed between questions
};

// Reads the events of one answer from arbitrary pieces.
class AnswerReader {
  public:
    explicit AnswerReader(const Chat::Show& show) : show_(show) {}
    void feed(std::string_view bytes);
    [[nodiscard]] bool done() const { return done_; }  // [DONE] was received
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    Answer answer;

  private:
    void take(std::string_view data);
    const Chat::Show& show_;
    text::SseDecoder events_;
    bool done_ = false;
    std::optional<Error> error_;
};

// Joins typed lines into a question: """ opens and closes a block, a backslash at the end continues on the next line.
class QuestionLines {
  public:
    // The question, once it is complete.
    [[nodiscard]] std::optional<std::string> take(std::string_view line);
    [[nodiscard]] bool open() const { return block_ || continued_; }
    void clear() { *this = {}; }

  private:
    std::string text_;
    bool block_ = false, continued_ = false;
};

}  // namespace hearth::cli

#pragma once
// Writes exchange events as streamGenerateContent sends them: GenerateContentResponse chunks, as server-sent events of
// nothing but `data:` (Gemini CLI ends at a comment and at `event:`), or as the elements of one JSON array. A function
// call is one whole part, so the calls of a choice are collected until it finishes (their pieces may come mixed with one
// another and with text); finish reasons, citations and usage stand in the last chunk, which is therefore held until the
// usage or the end.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "text/json_writer.h"
#include "wire/dialect.h"

namespace hearth::wire::gemini {

class StreamEncoder final : public wire::StreamEncoder {
  public:
    StreamEncoder(const AnswerContext& context, bool array);
    void write(const exchange::Event& event, std::string& out) override;

  private:
    struct Visitor;
    struct Choice {
        std::map<std::int32_t, exchange::ToolCall> calls;  // not written yet
        std::vector<exchange::Citation> citations;
        std::optional<exchange::FinishReason> finish;
    };
    Choice& choice(std::int32_t index) { return choices_[std::max(index, 0)]; }
    void open(std::string& out);   // `{"candidates":[` behind the framing
    void close(std::string& out);  // `],…}` and the framing
    template <class Write>
    void part(std::int32_t index, std::string& out, Write write);
    void collect(const exchange::ToolCallDelta& delta, std::string& out);
    void write_calls(std::int32_t index, std::string& out);
    void write_last(const exchange::Usage& usage, std::string& out);
    void error(const Error& error, std::string& out);
    void done(std::string& out);

    std::string tail_;  // ,"modelVersion":…,"responseId":…}
    std::string origin_;
    bool array_, begun_ = false, over_ = false, last_written_ = false;
    std::map<std::int32_t, Choice> choices_;
    std::size_t collected_ = 0;  // bytes of arguments
};

}  // namespace hearth::wire::gemini

#pragma once
// Streams of Ollama: application/x-ndjson, one object a line, the last one with "done":true.
#include <string>
#include <string_view>
#include <vector>

#include "text/ndjson.h"
#include "wire/dialect.h"
#include "wire/ollama/answer.h"

namespace hearth::wire::ollama {

// Tool calls go out whole and all together, before the last line: clients take the arguments of a line as they are, and
// some keep only the calls of the latest line. Thinking that cannot be read, citations and media have no place here.
class StreamEncoder final : public wire::StreamEncoder {
  public:
    explicit StreamEncoder(const AnswerContext& context);
    void write(const exchange::Event& event, std::string& out) override;

  private:
    struct Visitor;
    void piece(const Piece& piece, std::string& out) const;
    void call(const exchange::ToolCallDelta& delta);
    void end(std::string& out);

    const exchange::Request* request_;
    std::string head_;
    bool generation_, over_ = false;
    std::vector<exchange::ToolCall> calls_;
    exchange::FinishReason reason_ = exchange::FinishReason::stop;
    exchange::UsageEvent usage_;
};

class StreamDecoder final : public wire::StreamDecoder {
  public:
    void feed(std::string_view bytes, std::vector<exchange::Event>& out) override;
    [[nodiscard]] bool over() const override { return facts_.done || facts_.failure.has_value(); }
    void finish(std::vector<exchange::Event>& out) override;
    [[nodiscard]] const AnswerFacts& facts() const override { return facts_; }

  private:
    void take(std::string_view line, std::vector<exchange::Event>& out);

    AnswerFacts facts_;
    text::LineDecoder lines_;
    AnswerReader reader_;
    json::Document document_;
    bool started_ = false;
};

}  // namespace hearth::wire::ollama

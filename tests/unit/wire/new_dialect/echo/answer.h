#pragma once
// Answers of echo-json, read and written, whole and streamed.
#include <string>
#include <string_view>
#include <vector>

#include "text/ndjson.h"
#include "wire/dialect.h"

namespace hearth::wire::echo {

[[nodiscard]] std::string error_line(const Error& error);
[[nodiscard]] std::string encode_answer(const AnswerContext& context, const exchange::Answer& answer);
[[nodiscard]] Result<exchange::Answer> decode_answer(std::string_view body, json::Document& scratch);

class LineEncoder final : public StreamEncoder {
  public:
    explicit LineEncoder(const AnswerContext& context) : context_(context) {}
    void write(const exchange::Event& event, std::string& out) override;

  private:
    AnswerContext context_;
    exchange::FinishReason reason_ = exchange::FinishReason::stop;
    exchange::Usage usage_;
    bool over_ = false;
};

class LineDecoder final : public StreamDecoder {
  public:
    void feed(std::string_view bytes, std::vector<exchange::Event>& out) override;
    [[nodiscard]] bool over() const override { return facts_.done || facts_.failure.has_value(); }
    void finish(std::vector<exchange::Event>& out) override;
    [[nodiscard]] const AnswerFacts& facts() const override { return facts_; }

  private:
    void take(std::string_view line, std::vector<exchange::Event>& out);
    void end(json::Value root, std::vector<exchange::Event>& out);

    AnswerFacts facts_;
    text::LineDecoder lines_;
    json::Document document_;
};

}  // namespace hearth::wire::echo

#pragma once
// Answers of llama-server's own endpoints, whole and as a stream of SSE events without names and without [DONE]: objects
// with "stop":false and a piece of content, then for each choice one with "stop":true and what was counted.
//
// Facts: server_task_result_cmpl_partial and _final in tools/server/server-task.cpp of llama.cpp 0.5.0.
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "exchange/event.h"
#include "text/json.h"
#include "text/sse.h"
#include "wire/dialect.h"

namespace hearth::wire::llama {

// One object into events; usage adds up over the choices. False when facts.failure is set.
bool read_object(json::Value root, AnswerFacts& facts, std::vector<exchange::Event>& out);

// One object, or an array of them when several answers were asked for.
[[nodiscard]] Result<exchange::Answer> decode_answer(std::string_view body, json::Document& scratch);
[[nodiscard]] std::string encode_answer(const AnswerContext& context, const exchange::Answer& answer);

class StreamEncoder final : public wire::StreamEncoder {
  public:
    explicit StreamEncoder(const AnswerContext& context) : request_(context.request), model_(context.model) {}
    void write(const exchange::Event& event, std::string& out) override;

  private:
    struct Visitor;
    struct Choice {
        bool seen = false, new_line = false;
        std::optional<exchange::Finish> finish;
    };
    Choice& choice_at(std::int32_t index);
    void end(std::string& out);

    const exchange::Request* request_;
    std::string model_;
    std::vector<Choice> choices_;
    exchange::UsageEvent usage_;
    bool over_ = false;
};

class StreamDecoder final : public wire::StreamDecoder {
  public:
    explicit StreamDecoder(std::int64_t answers) : answers_(answers) {}
    void feed(std::string_view bytes, std::vector<exchange::Event>& out) override;
    // The last answer is not the end: there may be more of them than were said, and the upstream closes the stream itself.
    [[nodiscard]] bool over() const override { return marked_ || facts_.failure.has_value(); }
    void finish(std::vector<exchange::Event>& out) override;
    [[nodiscard]] const AnswerFacts& facts() const override { return facts_; }

  private:
    void take(std::string_view data, std::vector<exchange::Event>& out);

    std::int64_t answers_;
    AnswerFacts facts_;
    text::SseDecoder decoder_;
    json::Document document_;
    bool started_ = false, marked_ = false;
};

}  // namespace hearth::wire::llama

// Whole answers, read.
#include "wire/anthropic/answer.h"
#include "wire/anthropic/error.h"
#include "wire/anthropic/message_reader.h"

namespace hearth::wire::anthropic {

Result<exchange::Answer> decode_answer(exchange::Kind kind, std::string_view body, json::Document& scratch) {
    const auto root = scratch.parse(body);
    if (!root)
        return fail(Code::upstream_failed, "The upstream's answer is not JSON: " + root.error()->message);
    if ((*root)["type"].as_string() == "error" || (*root)["error"].is_object())
        return fail(read_error_object(*root));
    exchange::Answer answer;
    answer.done = true;
    if (kind == exchange::Kind::count) {
        const auto tokens = (*root)["input_tokens"].as_int();
        if (!tokens || *tokens < 0)
            return fail(Code::upstream_failed, "The upstream's answer has no 'input_tokens'.");
        answer.usage.input = tokens;
        return answer;
    }
    if (!(*root)["content"].is_array())
        return fail(Code::upstream_failed, "The upstream's answer is no message: it has no 'content'.");
    AnswerFacts facts;
    MessageReader reader;
    MessageReader::Events events;
    if (!reader.read_message(*root, facts, events)) return fail(std::move(*facts.failure));
    for (auto& event : events) exchange::fold(answer, std::move(event));
    if (answer.choices.empty()) answer.choices.emplace_back();
    answer.usage = facts.usage.value_or(exchange::Usage{});
    return answer;
}

}  // namespace hearth::wire::anthropic

#include "cli/chat.h"

#include "text/json_writer.h"
#include "text/utf8.h"

namespace hearth::cli {

std::string Chat::request_body() const {
    std::string body;
    json::Writer writer(body);
    writer.begin_object().member("model", settings.model).member("stream", true);
    writer.key("stream_options").begin_object().member("include_usage", true).end_object();
    if (settings.temperature) writer.member("temperature", *settings.temperature);
    if (settings.max_tokens) writer.member("max_tokens", *settings.max_tokens);
    writer.key("messages").begin_array();
    const auto add = [&](std::string_view role, std::string_view text) {
        writer.begin_object().member("role", role).member("content", text).end_object();
    };
    if (!settings.system.empty()) add("system", settings.system);
    for (const auto& turn : turns_) add(turn.role, turn.text);
    writer.end_array().end_object();
    return body;
}

Result<Answer> Chat::ask(std::string question, const Show& show, const std::function<bool()>& cancelled) {
    turns_.push_back({"user", std::move(question)});
    AnswerReader reader(show);
    const auto reply =
        daemon_.send({.method = "POST",
                      .target = "/v1/chat/completions",
                      .body = request_body(),
                      .silence = std::chrono::minutes(10),  // the model may have to be loaded first
                      .on_body = [&](std::string_view bytes) { reader.feed(bytes); },
                      .cancelled = cancelled});
    const bool stopped = !reply && reply.error()->code == Code::cancelled;
    std::optional<Error> error;
    if (!reply && !stopped) {
        error = reply.error();
    } else if (reply && !reply->ok()) {
        error = error_of(*reply);
    } else if (reader.error()) {
        error = reader.error();
    } else if (!stopped && !reader.done()) {
        error = Error{.code = Code::upstream_broken, .message = "The answer was truncated."};
    }
    if (error) {
        turns_.pop_back();
        return fail(std::move(*error));
    }
    auto answer = std::move(reader.answer);
    answer.cancelled = stopped;
    if (reply) answer.route = reply->head.headers.get("x-hearth-route");
    if (answer.text.empty() && stopped) {
        turns_.pop_back();  // a question without an answer would confuse the next turn
    } else {
        turns_.push_back({"assistant", answer.text});
    }
    return answer;
}

void AnswerReader::feed(std::string_view bytes) {
    if (error_ || done_) return;
    events_.feed(bytes);
    text::SseEvent event;
    while (true) {
        const auto more = events_.next(event);
        if (!more) {
            error_ = more.error();
            return;
        }
        if (!*more) return;
        take(event.data);
    }
}

void AnswerReader::take(std::string_view data) {
    if (error_ || done_) return;
    if (data == "[DONE]") {
        done_ = true;
        return;
    }
    json::Document document;
    const auto root = document.parse(data);
    if (!root) {
        error_ = Error{.code = Code::upstream_broken, .message = "An event of the answer is not JSON."};
        return;
    }
    if (const auto failure = (*root)["error"]) {
        error_ = Error{.code = Code::upstream_failed,
                       .message = text::printable(failure["message"].as_string(), 2000)};
        return;
    }
    const auto choice = (*root)["choices"].at(0);
    const auto delta = choice["delta"];
    if (const auto thinking = delta["reasoning_content"].as_string(); !thinking.empty())
        show_(thinking, true);
    if (const auto piece = delta["content"].as_string(); !piece.empty()) {
        answer.text += piece;
        show_(piece, false);
    }
    if (const auto finish = choice["finish_reason"].as_string(); !finish.empty()) answer.finish = finish;
    if (const auto usage = (*root)["usage"]; usage.is_object()) {
        answer.input_tokens = usage["prompt_tokens"].as_int();
        answer.output_tokens = usage["completion_tokens"].as_int();
    }
}

std::optional<std::string> QuestionLines::take(std::string_view line) {
    constexpr std::string_view kFence = "\"\"\"";
    if (!open() && line.starts_with(kFence)) {
        line.remove_prefix(kFence.size());
        block_ = true;
        if (line.empty()) return std::nullopt;
    }
    if (block_) {
        const bool last = line.ends_with(kFence);
        if (last) line.remove_suffix(kFence.size());
        text_ += line;
        if (!last) {
            text_ += '\n';
            return std::nullopt;
        }
        while (text_.ends_with('\n')) text_.pop_back();
    } else if (line.ends_with('\\')) {
        text_ += line.substr(0, line.size() - 1);
        text_ += '\n';
        continued_ = true;
        return std::nullopt;
    } else {
        text_ += line;
    }
    auto whole = std::move(text_);
    clear();
    return whole;
}

}  // namespace hearth::cli

// Answers that are passed through unread: audio, images, files.
#include "pipeline/delivery/delivery.h"

namespace hearth::pipeline {

namespace {

// What OpenAI reports of an image's or a transcription's tokens.
exchange::Usage usage_in(std::string_view body, json::Document& scratch) {
    exchange::Usage usage;
    const auto root = scratch.parse(body);
    if (!root) return usage;
    const auto reported = (*root)["usage"];
    usage.input = reported["input_tokens"].as_int();
    usage.output = reported["output_tokens"].as_int();
    return usage;
}

}  // namespace

http::HeaderList Delivery::passed_headers(const Attempt& attempt, const client::Response& response) {
    auto head =
        answer_headers(attempt, response.headers().find("content-type").value_or("application/octet-stream"));
    pass_headers(response.headers(), head);
    // What a provider calls a page must not run as one of ours: the administration API has the same origin.
    head.set("x-content-type-options", "nosniff");
    head.set("content-security-policy", "sandbox");
    return head;
}

Task<Outcome> Delivery::pass_whole(Attempt& attempt, Original original) {
    Outcome outcome;
    outcome.http_status = original.response.status();
    outcome.answered = outcome.http_status < 400;
    auto body = co_await original.response.read_all();
    if (context_.client_gone()) co_return disconnected();
    if (!body) {
        outcome.result = AttemptResult::failed_before_first_byte;
        outcome.failure = failure(std::move(body.error()));
        co_return outcome;
    }
    outcome.first_token = ports_.now();
    outcome.usage = usage_in(*body, ports_.scratch);
    end_whole(attempt, outcome.http_status, passed_headers(attempt, original.response), std::move(*body));
    co_return outcome;
}

// As they come. A stream that is cut ends as a broken connection: there is no event for an error.
Task<Outcome> Delivery::pass_stream(Attempt& attempt, Original original) {
    Outcome outcome;
    outcome.http_status = original.response.status();
    outcome.answered = true;
    auto& http = context_.http;
    while (true) {
        const auto piece = co_await original.response.read();
        if (context_.client_gone()) {
            outcome.result = AttemptResult::client_disconnected;
            co_return outcome;
        }
        if (!piece) {
            outcome.failure = failure(piece.error());
            outcome.result =
                promised_ ? AttemptResult::failed_midstream : AttemptResult::failed_before_first_byte;
            if (promised_) ending_ = Ending::broken;
            co_return outcome;
        }
        if (!promised_) {
            promised_ = head_sent_ = true;
            attempt.answer->first_content();
            outcome.first_token = ports_.now();
            const auto started = http.start(outcome.http_status, passed_headers(attempt, original.response));
            release_body(ports_, context_);
            if (!started) {
                outcome.result = AttemptResult::client_disconnected;
                co_return outcome;
            }
        }
        if (piece->empty()) break;
        if (!co_await http.write(*piece)) {
            outcome.result = AttemptResult::client_disconnected;
            co_return outcome;
        }
    }
    ending_ = Ending::stream;
    co_return outcome;
}

}  // namespace hearth::pipeline

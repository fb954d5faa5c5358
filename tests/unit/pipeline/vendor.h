#pragma once
// What vendors would answer: events written by the production codec of the dialect in which they were asked.
#include <string>
#include <vector>

#include "fake_network.h"
#include "wire/codecs.h"
#include "wire/gemini/path.h"

namespace hearth::test {

// The dialect in which an upstream is asked stands in the path.
inline exchange::Dialect dialect_by_path(std::string_view target) {
    using exchange::Dialect;
    if (target.find("/responses") != std::string_view::npos) return Dialect::responses;
    if (target.find("/messages") != std::string_view::npos) return Dialect::anthropic;
    if (target.find("enerateContent") != std::string_view::npos) return Dialect::gemini;
    if (target.find("/api/") != std::string_view::npos) return Dialect::ollama;
    return Dialect::openai;
}

inline wire::Call call_by_path(exchange::Dialect dialect, std::string_view target) {
    wire::Call call;
    if (dialect == exchange::Dialect::ollama) call.endpoint = "chat";
    if (dialect != exchange::Dialect::gemini) return call;
    const auto question = target.find('?');
    const auto query = question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
    if (auto parsed = wire::gemini::parse_path(target.substr(0, question), query)) call = std::move(*parsed);
    return call;
}

// Started, the deltas, Finish, usage (5 in, 7 out), Done.
inline std::vector<exchange::Event> answer_events(std::vector<exchange::Event> deltas) {
    std::vector<exchange::Event> events;
    exchange::Started started;
    started.id = "answer-1";
    started.model = "sim";
    started.created_s = 1'800'000'000;
    events.emplace_back(started);
    for (auto& delta : deltas) events.push_back(std::move(delta));
    exchange::Finish finish;
    if (std::holds_alternative<exchange::ToolCallDelta>(events.back()))
        finish.reason = exchange::FinishReason::tool_calls;
    events.emplace_back(finish);
    exchange::UsageEvent usage;
    usage.usage.input = 5;
    usage.usage.output = 7;
    events.emplace_back(usage);
    events.emplace_back(exchange::Done{});
    return events;
}

inline std::vector<exchange::Event> text_events(const std::vector<std::string>& pieces) {
    std::vector<exchange::Event> deltas;
    for (const auto& piece : pieces) deltas.emplace_back(exchange::TextDelta{0, piece});
    return answer_events(std::move(deltas));
}

// A 200 with these events, in the dialect of the request, streamed where it asks for a stream; in one piece.
inline Reply answer_to(const Sent& sent, const std::vector<exchange::Event>& events) {
    const auto dialect = dialect_by_path(sent.target);
    const auto& codec = *wire::client_codec(dialect);
    const auto call = call_by_path(dialect, sent.target);
    json::Document document;
    REQUIRE(document.parse(sent.body));
    const auto request = codec.decode(call, document);
    REQUIRE(request);
    const wire::AnswerContext context{.request = &*request,
                                      .endpoint = call.endpoint,
                                      .model = "sim",
                                      .origin = {},
                                      .id = "abcdefghijklmnopqrstuvwx",
                                      .created_s = 1'800'000'000};
    Reply reply;
    std::string bytes;
    if (request->stream) {
        reply.type = codec.stream_type(call);
        const auto encoder = codec.stream(context);
        for (const auto& event : events) encoder->write(event, bytes);
    } else {
        exchange::Answer answer;
        for (const auto& event : events) exchange::fold(answer, event);
        bytes = codec.whole(context, answer);
    }
    reply.pieces = {std::move(bytes)};
    return reply;
}

inline FakeNetwork::Answer answering(std::vector<std::string> pieces) {
    return [pieces = std::move(pieces)](const Sent& sent) { return answer_to(sent, text_events(pieces)); };
}

// The same answer with its bytes cut in two behind `at` bytes; at most so many bytes, then the rest.
inline Reply cut_at(Reply reply, std::size_t at) {
    const auto bytes = std::exchange(reply.pieces, {}).front();
    REQUIRE(at <= bytes.size());
    if (at > 0) reply.pieces.push_back(bytes.substr(0, at));
    if (at < bytes.size()) reply.pieces.push_back(bytes.substr(at));
    return reply;
}

// What a client of the dialect reads in a whole or streamed answer, with the production decoder.
inline exchange::Answer read_answer(exchange::Dialect dialect, bool stream, std::string_view bytes,
                                    const exchange::Request& request = {}) {
    const auto& codec = *wire::upstream_codec(dialect);
    exchange::Answer answer;
    if (stream) {
        const auto decoder = codec.stream(request);
        std::vector<exchange::Event> events;
        decoder->feed(bytes, events);
        decoder->finish(events);
        for (auto& event : events) exchange::fold(answer, std::move(event));
        return answer;
    }
    json::Document scratch;
    auto whole = codec.whole(exchange::Kind::chat, bytes, scratch);
    if (whole) return *whole;
    answer.failure = *whole.error();
    return answer;
}

inline std::string text_of(const exchange::Answer& answer) {
    return answer.choices.empty() ? std::string() : answer.choices.front().text;
}

// An error as most vendors write it.
inline Reply refusal(int status, std::string_view type = "server_error") {
    Reply reply;
    reply.status = status;
    reply.pieces = {R"({"error":{"message":"The vendor says no.","type":")" + std::string(type) + "\"}}"};
    return reply;
}

}  // namespace hearth::test

// What one request and one stream event cost in text/ and http/. simdjson's DOM stands beside our reader: it validates
// the same but looks for no duplicate keys and knows no places in the text.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <string>

#include "http/encoder.h"
#include "http/request_decoder.h"
#include "http/response_decoder.h"
#include "text/edit.h"
#include "text/json.h"
#include "text/json_writer.h"
#include "text/sse.h"

namespace {

using namespace hearth;

std::string chat_request(std::size_t bytes) {
    std::string out;
    json::Writer w(out);
    w.begin_object()
        .member("model", "gpt-5.5")
        .member("stream", true)
        .member("temperature", 0.7)
        .member("max_tokens", 512);
    w.key("stream_options")
        .begin_object()
        .member("include_usage", true)
        .end_object()
        .key("messages")
        .begin_array();
    w.begin_object().member("role", "system").member("content", "You are a careful engineer.").end_object();
    for (int i = 0; out.size() + 200 < bytes; ++i) {
        w.begin_object().member("role", i % 2 == 0 ? "user" : "assistant");
        w.member("content",
                 "for (int i = 0; i < n; ++i) {\n    sum += values[i];  // \"quoted\", then a new "
                 "line\n}\nWhat does this "
                 "loop do when n is negative, and why?");
        w.end_object();
    }
    w.end_array().end_object();
    return out;
}

const std::string kEvent =
    R"({"id":"chatcmpl-9x8y7z6w5v4u3t2s1r0q","object":"chat.completion.chunk","created":1763821228,"model":"gpt-5.5-2026-08-01",)"
    R"("system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"content":" token"},"finish_reason":null}]})";

void json_parse(benchmark::State& state, const std::string& text) {
    json::Document doc;
    for (auto _ : state) benchmark::DoNotOptimize(doc.parse(text));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
void simdjson_parse(benchmark::State& state, const std::string& text) {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(text);
    for (auto _ : state) benchmark::DoNotOptimize(parser.parse(padded).error());
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
std::string numbers() {
    std::string text = "[";
    for (int i = 0; i < 1536; ++i) text += fmt::format("{}{:.8f}", i == 0 ? "" : ",", i * 0.00065 - 0.5);
    return text + "]";
}
std::string many_keys() {
    std::string text = "{";
    for (int i = 0; i < 1000; ++i)
        text += fmt::format("{}\"property_number_{}\":{}", i == 0 ? "" : ",", i, i);
    return text + "}";
}
BENCHMARK_CAPTURE(json_parse, chat_2k, chat_request(2048));
BENCHMARK_CAPTURE(simdjson_parse, chat_2k, chat_request(2048));
BENCHMARK_CAPTURE(json_parse, chat_30k, chat_request(30'000));
BENCHMARK_CAPTURE(simdjson_parse, chat_30k, chat_request(30'000));
BENCHMARK_CAPTURE(json_parse, event, kEvent);
BENCHMARK_CAPTURE(simdjson_parse, event, kEvent);
BENCHMARK_CAPTURE(json_parse, embedding, numbers());
BENCHMARK_CAPTURE(simdjson_parse, embedding, numbers());
BENCHMARK_CAPTURE(json_parse, thousand_keys, many_keys());

void json_edit(benchmark::State& state) {
    const std::string text = chat_request(2048);
    json::Document doc;
    const auto root = doc.parse(text).value();
    for (auto _ : state) {
        json::Editor editor(doc);
        editor.set(root, "model", "\"other\"").set(root, "stream_options", "{\"include_usage\":true}");
        benchmark::DoNotOptimize(editor.apply());
    }
}
BENCHMARK(json_edit);

void json_write_event(benchmark::State& state) {
    std::string out;
    for (auto _ : state) {
        out.clear();
        json::Writer w(out);
        w.begin_object()
            .member("id", "chatcmpl-9x8y7z6w5v4u3t2s1r0q")
            .member("object", "chat.completion.chunk");
        w.member("created", 1763821228)
            .key("choices")
            .begin_array()
            .begin_object()
            .member("index", 0)
            .key("delta");
        w.begin_object()
            .member("content", " token")
            .end_object()
            .key("finish_reason")
            .null()
            .end_object()
            .end_array()
            .end_object();
        benchmark::DoNotOptimize(out);
    }
}
BENCHMARK(json_write_event);

void sse_event(benchmark::State& state) {
    std::string stream;
    for (int i = 0; i < 16; ++i) text::append_sse(stream, "", kEvent);
    text::SseDecoder decoder;
    text::SseEvent event;
    for (auto _ : state) {
        decoder.feed(stream);
        while (decoder.next(event).value()) benchmark::DoNotOptimize(event.data);
    }
    state.SetItemsProcessed(state.iterations() * 16);
}
BENCHMARK(sse_event);

const std::string kRequest =
    "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:4327\r\nAccept: application/json\r\nContent-Type: "
    "application/json\r\n"
    "User-Agent: OpenAI/JS 5.8.2\r\nX-Stainless-Lang: js\r\nX-Stainless-Package-Version: "
    "5.8.2\r\nX-Stainless-OS: Linux\r\n"
    "X-Stainless-Arch: x64\r\nX-Stainless-Runtime: node\r\nAuthorization: Bearer "
    "sk-0123456789abcdef0123456789abcdef\r\n"
    "Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\nContent-Length: 2048\r\n\r\n" +
    std::string(2048, 'x');

void http_request(benchmark::State& state) {
    http::RequestDecoder decoder;
    for (auto _ : state) {
        std::string_view rest = kRequest;
        for (;;) {
            const auto step = decoder.feed(rest);
            rest.remove_prefix(step->consumed);
            if (step->event == http::Event::end) break;
        }
        benchmark::DoNotOptimize(decoder.head());
        decoder.next();
    }
}
BENCHMARK(http_request);

void http_response_chunked(benchmark::State& state) {
    std::string bytes =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: "
        "keep-alive\r\n\r\n";
    for (int i = 0; i < 16; ++i) http::append_chunk(bytes, kEvent);
    bytes += http::kLastChunk;
    http::ResponseDecoder decoder;
    for (auto _ : state) {
        std::string_view rest = bytes;
        decoder.start();
        for (;;) {
            const auto step = decoder.feed(rest);
            rest.remove_prefix(step->consumed);
            if (step->event == http::Event::end) break;
        }
    }
    state.SetItemsProcessed(state.iterations() * 16);
}
BENCHMARK(http_response_chunked);

void http_response_head_write(benchmark::State& state) {
    std::string out;
    for (auto _ : state) {
        out.clear();
        http::HeadWriter w(out);
        w.status(200)
            .header("content-type", "application/json")
            .header("x-hearth-request-id", "req_0c3f5m7s0k1x2a3b4c5d6e7f8g");
        w.date("Sun, 06 Nov 1994 08:49:37 GMT").content_length(1024);
        benchmark::DoNotOptimize(w.finish());
    }
}
BENCHMARK(http_response_head_write);

}  // namespace

BENCHMARK_MAIN();

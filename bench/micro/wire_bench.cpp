// What the OpenAI dialect costs: ns per relayed event, per decoded event, per encoded event, per decoded 2 KB request.
#include <fmt/format.h>

#include <chrono>
#include <string>

#include "text/edit.h"
#include "wire/openai/edits.h"
#include "wire/openai/relay.h"
#include "wire/openai/request.h"
#include "wire/openai/stream_decoder.h"
#include "wire/openai/stream_encoder.h"

using namespace hearth;
namespace openai = hearth::wire::openai;

namespace {

volatile std::size_t sink;

// The best of several runs of `work`, in ns, divided by how often it does its thing.
template <class Work>
double best_ns(std::size_t per_run, Work&& work) {
    double best = 1e18;
    for (int round = 0; round < 40; ++round) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
        best = std::min(best, took.count() / static_cast<double>(per_run));
    }
    return best;
}

constexpr std::size_t kEvents = 2000;

std::string event(std::size_t i) {
    return fmt::format(
        "data: "
        "{{\"id\":\"chatcmpl-BdFbkGHrLwxE0TLbCqSjjhUIyXPbz\",\"object\":\"chat.completion.chunk\","
        "\"created\":"
        "1749060000,\"model\":\"gpt-5.5-2026-04-14\",\"service_tier\":\"default\",\"system_fingerprint\":"
        "\"fp_34a54ae93c\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" "
        "word{}\"}},\"logprobs\":null,"
        "\"finish_reason\":null}}],\"usage\":null}}\n\n",
        i);
}

std::string request() {
    std::string body =
        R"({"model":"openai/gpt-5.5","stream":true,"temperature":0.2,"max_completion_tokens":1024,"messages":[)"
        R"({"role":"system","content":"You are a careful assistant who answers briefly."})";
    for (int i = 0; body.size() < 1900; ++i) {
        body += fmt::format(
            R"(,{{"role":"{}","content":"Message {}: what does this function do, and \"why\" is it slow?\n"}})",
            i % 2 == 0 ? "user" : "assistant", i);
    }
    return body + R"(],"metadata":{"trace":"abc"}})";
}

}  // namespace

int main() {
    std::vector<std::string> events;
    std::string whole;
    for (std::size_t i = 0; i < kEvents; ++i) whole += events.emplace_back(event(i));
    fmt::print("event of {} bytes, request of {} bytes\n", events[0].size(), request().size());

    openai::StreamRelay one({.hide_usage = true});
    fmt::print("relay, one event in a feed      {:8.0f} ns/event\n", best_ns(kEvents, [&] {
                   for (const auto& bytes : events) sink = one.feed(bytes).size();
               }));
    openai::StreamRelay many({.hide_usage = true});
    fmt::print("relay, 16 KB in a feed          {:8.0f} ns/event\n", best_ns(kEvents, [&] {
                   for (std::size_t at = 0; at < whole.size(); at += 16384) {
                       sink = many.feed(std::string_view(whole).substr(at, 16384)).size();
                   }
               }));
    std::vector<exchange::Event> decoded;
    openai::StreamDecoder decoder;
    fmt::print("decode to exchange events       {:8.0f} ns/event\n", best_ns(kEvents, [&] {
                   for (const auto& bytes : events) {
                       decoded.clear();
                       decoder.feed(bytes, decoded);
                       sink = decoded.size();
                   }
               }));
    openai::ChatStreamEncoder encoder;
    std::string out;
    encoder.write(exchange::Started{"chatcmpl-BdFbkGHrLwxE0TLbCqSjjhUIyXPbz", "local/spark", 1749060000},
                  out);
    const exchange::Event delta = exchange::TextDelta{0, " word12"};
    fmt::print("encode a text delta             {:8.0f} ns/event\n", best_ns(kEvents, [&] {
                   for (std::size_t i = 0; i < kEvents; ++i) {
                       out.clear();
                       encoder.write(delta, out);
                       sink = out.size();
                   }
               }));
    const std::string body = request();
    json::Document document;
    fmt::print("request: parse                  {:8.0f} ns\n", best_ns(100, [&] {
                   for (int i = 0; i < 100; ++i) sink = document.parse(body).has_value();
               }));
    fmt::print("request: decode                 {:8.0f} ns\n", best_ns(100, [&] {
                   for (int i = 0; i < 100; ++i) sink = openai::decode_chat(document)->chat().turns.size();
               }));
    fmt::print("request: edit and apply         {:8.0f} ns\n", best_ns(100, [&] {
                   for (int i = 0; i < 100; ++i) {
                       const auto plan = openai::same_dialect_edits(document, {.model = "gpt-5.5"});
                       sink = text::apply_edits(body, plan.edits)->size();
                   }
               }));
}

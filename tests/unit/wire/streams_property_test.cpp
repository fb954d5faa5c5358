// Streams: what the encoders write, the decoder reads back; the relay passes it untouched and agrees on the facts.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "unit/wire/describe.h"
#include "unit/wire/generators.h"
#include "wire/openai/answer.h"
#include "wire/openai/relay.h"
#include "wire/openai/stream_decoder.h"
#include "wire/openai/stream_encoder.h"

namespace streams_property_test {

using namespace wire_test;
namespace openai = hearth::wire::openai;

namespace {

std::string encoded(Kind kind, const std::vector<Event>& events,
                    const openai::StreamEncoderOptions& options) {
    std::string out;
    openai::ChatStreamEncoder chat(options);
    openai::CompletionStreamEncoder completion(options);
    for (const auto& event : events)
        kind == Kind::chat ? chat.write(event, out) : completion.write(event, out);
    return out;
}

// Cuts `bytes` at a few places and calls `take` with each piece.
template <class Take>
void in_pieces(std::string_view bytes, Take take) {
    while (!bytes.empty()) {
        const auto size = std::min<std::size_t>(bytes.size(), 1 + static_cast<std::size_t>(draw(400)));
        take(std::string(bytes.substr(0, size)));
        bytes.remove_prefix(size);
    }
}

void check_stream(Kind kind) {
    const int choices = 1 + draw(3);
    const auto events = some_stream(kind, choices);
    const auto bytes = encoded(kind, events, {.include_usage = true});
    openai::StreamDecoder decoder(choices);
    openai::StreamRelay relay({.choices = choices});
    std::vector<Event> back;
    std::string passed;
    in_pieces(bytes, [&](const std::string& piece) {
        decoder.feed(piece, back);
        for (const auto part : relay.feed(piece)) passed += part;
    });
    decoder.finish(back);
    passed += relay.finish();
    RC_ASSERT(describe(back) == describe(events));
    RC_ASSERT(passed == bytes);
    RC_ASSERT(describe(relay.facts()) == describe(decoder.facts()));
}

void check_answer(Kind kind) {
    Answer answer;
    for (auto& event : some_stream(kind, 1 + draw(3))) fold(answer, std::move(event));
    const auto body = openai::encode_answer(kind, answer, {.logprobs = true});
    json::Document scratch;
    const auto back = openai::decode_answer(kind, body, scratch);
    if (!back) RC_FAIL(back.error()->message + " in " + body);
    RC_ASSERT(openai::encode_answer(kind, *back, {.logprobs = true}) == body);
    RC_ASSERT(back->usage == answer.usage);
    RC_ASSERT(back->timings == answer.timings);
    RC_ASSERT(back->choices.size() == answer.choices.size());
    for (std::size_t i = 0; i < back->choices.size(); ++i) {
        RC_ASSERT(back->choices[i].text == answer.choices[i].text);
        RC_ASSERT(back->choices[i].tool_calls == answer.choices[i].tool_calls);
        RC_ASSERT(back->choices[i].logprobs == answer.choices[i].logprobs);
    }
}

}  // namespace

TEST_CASE("streams come back from their encoding, however they are cut") {
    CHECK(rc::check("chat", [] { check_stream(Kind::chat); }));
    CHECK(rc::check("completion", [] { check_stream(Kind::completion); }));
}

TEST_CASE("whole answers come back from their encoding") {
    CHECK(rc::check("chat", [] { check_answer(Kind::chat); }));
    CHECK(rc::check("completion", [] { check_answer(Kind::completion); }));
}

TEST_CASE("embeddings come back from both encodings") {
    CHECK(rc::check("embeddings", [] {
        Answer answer;
        answer.model = word();
        answer.usage.input = draw(100);
        for (int i = 0, count = 1 + draw(3); i < count; ++i) {
            answer.embeddings.push_back({i, {static_cast<float>(draw(1000)) / 7.0F, -0.1F, 1e-20F, 3e30F}});
        }
        const auto body = openai::encode_answer(Kind::embedding, answer, {.base64 = flip()});
        json::Document scratch;
        const auto back = openai::decode_answer(Kind::embedding, body, scratch);
        RC_ASSERT(back.has_value());
        RC_ASSERT(back->embeddings.size() == answer.embeddings.size());
        for (std::size_t i = 0; i < back->embeddings.size(); ++i) {
            RC_ASSERT(back->embeddings[i].index == answer.embeddings[i].index);
            RC_ASSERT(back->embeddings[i].values == answer.embeddings[i].values);
        }
        RC_ASSERT(back->usage.input == answer.usage.input);
    }));
}

}  // namespace streams_property_test

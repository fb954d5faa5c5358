#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "engine/protocol/codec.h"
#include "engine/protocol/frame.h"

namespace protocol_test {

using namespace hearth;
using namespace hearth::engine;
using namespace hearth::exchange;

namespace {

Request full_chat() {
    Request request;
    request.kind = exchange::Kind::chat;
    request.dialect = Dialect::engine;
    request.model = "local";
    request.stream = request.include_usage = true;
    request.n = 3;
    request.sampling.temperature = 0.0;
    request.sampling.top_k = 40;
    request.sampling.seed = -7;
    request.sampling.max_tokens = 0;
    request.sampling.stop = {"\n\n", "\"end\""};
    request.sampling.logit_bias = {{50256, -100}, {12, 0.5}};
    request.sampling.logprobs = true;
    request.sampling.top_logprobs = 5;
    request.sampling.grammar = "root ::= \"a\"";
    Chat chat;
    chat.turns.push_back({.role = Role::system, .parts = {Text{.text = "Be brief. \xc3\xa9"}}});
    chat.turns.push_back(
        {.role = Role::user, .name = "ann", .parts = {Image{.url = "u"}, Foreign{"video", "{}"}}});
    chat.turns.push_back({.role = Role::assistant,
                          .parts = {Reasoning{"hm", {"sig", "anthropic"}},
                                    ToolCall{.id = "c1", .name = "f", .arguments = "{"}}});
    chat.turns.push_back({.role = Role::tool, .tool_call_id = "c1", .parts = {Text{.text = "42"}}});
    chat.tools.push_back(
        {.name = "f", .description = "d", .parameters = R"({"type":"object"})", .strict = true});
    chat.tool_choice = ToolChoice{.mode = ToolChoice::Mode::named, .name = "f", .allowed = {"f", "g"}};
    chat.parallel_tool_calls = false;
    chat.response_format =
        ResponseFormat{.kind = ResponseFormat::Kind::json_schema, .name = "s", .schema = "{}"};
    chat.reasoning_effort = "high";
    request.body = chat;
    request.keep_alive_s = -1;
    request.context_tokens = 4096;
    request.extra.push_back({"x", "[1]"});
    return request;
}

template <class T>
T through(const ToWorker& message) {
    const auto back = decode_to_worker(encode(message));
    REQUIRE_MESSAGE(back.has_value(), (back ? "" : back.error()->message));
    return std::get<T>(*back);
}
template <class T>
T through(const ToGateway& message) {
    const auto back = decode_to_gateway(encode(message));
    REQUIRE_MESSAGE(back.has_value(), (back ? "" : back.error()->message));
    return std::get<T>(*back);
}

std::string plain_text() {
    return *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
}

}  // namespace

TEST_CASE("a request survives encoding and decoding") {
    const Submit sent{.id = 18446744073709551615ULL,
                      .request = full_chat(),
                      .priority = Priority::interactive,
                      .affinity = "c"};
    const auto got = through<Submit>(sent);
    CHECK(got.id == sent.id);
    CHECK(got.request == sent.request);
    CHECK(got.priority == Priority::interactive);
    CHECK(got.affinity == "c");
}

TEST_CASE("completions and embeddings distinguish texts and token ids") {
    Request request;
    request.kind = exchange::Kind::completion;
    request.body =
        Completion{.prompts = {std::string("a"), TokenIds{1, 2, 3}, TokenIds{}}, .suffix = "", .echo = true};
    CHECK(through<Count>(Count{1, request}).request == request);
    request.kind = exchange::Kind::embedding;
    request.body =
        exchange::Embedding{.inputs = {TokenIds{7}, std::string()}, .dimensions = 64, .base64 = true};
    CHECK(through<Count>(Count{1, request}).request == request);
}

TEST_CASE("text queries survive encoding and decoding and are limited") {
    const auto query = through<TextQuery>(TextQuery{.id = 5,
                                                    .what = TextQuery::What::apply_template,
                                                    .text = "a\n",
                                                    .tokens = {0, 151643},
                                                    .request = full_chat(),
                                                    .add_special = true,
                                                    .parse_special = false,
                                                    .with_pieces = true});
    CHECK(query.what == TextQuery::What::apply_template);
    CHECK(query.text == "a\n");
    CHECK(query.tokens == TokenIds{0, 151643});
    CHECK(query.request == full_chat());
    CHECK(query.add_special);
    CHECK_FALSE(query.parse_special);
    CHECK(query.with_pieces);
    Error error;
    error.code = Code::too_large;
    const auto answer = through<TextAnswer>(
        TextAnswer{.id = 5, .text = "t", .tokens = {3}, .pieces = {"4pyT"}, .error = error});
    CHECK(answer.tokens == TokenIds{3});
    CHECK(answer.pieces == std::vector<std::string>{"4pyT"});
    CHECK(answer.error->code == Code::too_large);
    const auto long_text =
        encode(ToWorker(TextQuery{.id = 1, .text = std::string(kTextQueryBytes + 1, 'x')}));
    const auto refused = decode_to_worker(long_text);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error()->param == "text");
    CHECK(id_of_refused(long_text) == 1);
}

TEST_CASE("fields with a non-zero default can be set to zero") {
    const auto load = through<Load>(
        Load{.model_path = "/m", .sequences = 0, .batch_tokens = 0, .gpu_layers = 0, .confine = false});
    CHECK(load.sequences == 0);
    CHECK(load.batch_tokens == 0);
    CHECK(load.gpu_layers == 0);
    CHECK_FALSE(load.confine);
    CHECK(through<Load>(Load{}).confine);
    Request none;
    none.n = 0;
    CHECK(through<Count>(Count{1, none}).request.n == 0);
}

TEST_CASE("all events survive encoding and decoding in order") {
    Events sent;
    Error error;
    error.code = Code::context_exceeded;
    error.message = "too long";
    error.needed = 5000;
    error.limit = 4096;
    const std::vector<Event> events{
        Started{.created_s = 9},
        TextDelta{1, "a\n\"b"},
        ReasoningDelta{0, "r", "o"},
        RefusalDelta{0, "no"},
        ToolCallDelta{.choice = 0, .call = 2, .id = "i", .name = "n", .arguments = "{\"a\":"},
        LogprobsDelta{0, {TokenLogprob{"t", -0.25, {{"t", -0.25}, {"u", -1.5}}}}},
        Finish{1, FinishReason::tool_calls},
        EmbeddingVector{3, {0.1F, -2.5e-7F, 0}},
        UsageEvent{Usage{.input = 10, .output = 0, .cached_input = 8}, Timings{8, 2, 0, 1.5, 0}},
        error,
        Done{}};
    for (std::size_t i = 0; i < events.size(); ++i) sent.events.push_back({i, events[i]});
    const auto got = through<Events>(sent);
    REQUIRE(got.events.size() == events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        CHECK(got.events[i].id == i);
        CHECK(got.events[i].event.index() == events[i].index());
    }
    CHECK(std::get<TextDelta>(got.events[1].event).text == "a\n\"b");
    CHECK(std::get<ToolCallDelta>(got.events[4].event).call == 2);
    CHECK(std::get<LogprobsDelta>(got.events[5].event).tokens[0].top[1].second == -1.5);
    CHECK(std::get<EmbeddingVector>(got.events[7].event).values == std::vector{0.1F, -2.5e-7F, 0.0F});
    CHECK(*std::get<UsageEvent>(got.events[8].event).usage.output == 0);
    CHECK(std::get<Error>(got.events[9].event).code == Code::context_exceeded);
    CHECK(std::get<Error>(got.events[9].event).limit == 4096);
}

TEST_CASE("Ready contains model facts and the confinement report") {
    Ready sent;
    sent.model = {
        .architecture = "qwen2", .parameters = 494'000'000, .context_tokens = 4096, .can_chat = true};
    sent.confinement = {.level = Confinement::partial,
                        .seccomp = true,
                        .landlock_abi = 4,
                        .probes = {{"ipv4", true, "EPERM"}, {"exec", false, "ran"}}};
    const auto got = through<Ready>(sent);
    CHECK(got.model.architecture == "qwen2");
    CHECK(got.model.can_chat);
    CHECK(got.confinement.level == Confinement::partial);
    REQUIRE(got.confinement.probes.size() == 2);
    CHECK(got.confinement.probes[0].refused);
    CHECK(got.confinement.probes[1].detail == "ran");
}

TEST_CASE("property: stats and text deltas survive encoding and decoding") {
    CHECK(rc::check([] {
        Stats sent;
        sent.waiting = *rc::gen::arbitrary<std::int32_t>();
        sent.steps = *rc::gen::arbitrary<std::int64_t>();
        sent.prompt_ms = *rc::gen::inRange(-1000000, 1000000) / 64.0;
        const auto got = through<Stats>(sent);
        RC_ASSERT(got.waiting == sent.waiting);
        RC_ASSERT(got.steps == sent.steps);
        RC_ASSERT(got.prompt_ms == sent.prompt_ms);
        const auto text = plain_text();
        const auto events = through<Events>(Events{{{1, TextDelta{0, text}}}});
        RC_ASSERT(std::get<TextDelta>(events.events[0].event).text == text);
    }));
}

TEST_CASE("malformed messages are rejected with the field at fault") {
    const auto param = [](std::string_view text) {
        const auto got = decode_to_worker(text);
        REQUIRE_FALSE(got.has_value());
        CHECK(got.error()->code == Code::invalid_request);
        return got.error()->param;
    };
    CHECK(param(R"([])").empty());
    CHECK(param(R"({"id":1})") == "type");
    CHECK(param(R"({"type":"fly"})") == "type");
    CHECK(param(R"({"type":"cancel","id":-1})") == "id");
    CHECK(param(R"({"type":"cancel","id":"1"})") == "id");
    CHECK(param(R"({"type":"load","sequences":3000000000})") == "sequences");
    CHECK(param(R"({"type":"submit","request":{"kind":"song"}})") == "request.kind");
    CHECK(param(R"({"type":"submit","request":{"sampling":{"logit_bias":[[1]]}}})") ==
          "request.sampling.logit_bias[0]");
    const std::string many = R"({"type":"submit","request":{"sampling":{"stop":[)" + std::string("\"\"") +
                             [] {
                                 std::string rest;
                                 for (std::size_t i = 0; i < limits::kStops; ++i) rest += ",\"\"";
                                 return rest;
                             }() +
                             "]}}}";
    CHECK(param(many) == "request.sampling.stop");
    CHECK(decode_to_worker(R"({"type":"cancel","id":3,"later":[{}]})").has_value());  // a newer peer's field
}

TEST_CASE("the id of an undecodable request is recovered") {
    CHECK(id_of_refused(R"({"type":"submit","id":9,"request":{"kind":"song"}})") == 9);
    CHECK(id_of_refused(R"({"type":"count","id":8,"request":[]})") == 8);
    CHECK_FALSE(id_of_refused(R"({"type":"load","id":8})").has_value());
    CHECK_FALSE(id_of_refused(R"({"type":"submit","id":-1})").has_value());
    CHECK_FALSE(id_of_refused("{").has_value());
}

TEST_CASE("a message truncated at any byte is an error") {
    const auto whole = encode(ToWorker(Submit{.id = 5, .request = full_chat()}));
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
        CHECK_FALSE(decode_to_worker(whole.substr(0, cut)).has_value());
}

TEST_CASE("frames do not depend on how the bytes are split") {
    std::string stream;
    const std::vector<std::string> payloads{"{}", std::string(300, 'x'), "z"};
    for (const auto& payload : payloads) stream += encode_frame(payload).value();
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        FrameReader reader;
        std::vector<std::string> got;
        for (const auto& piece : {stream.substr(0, cut), stream.substr(cut)}) {
            reader.feed(piece);
            while (auto payload = reader.next().value()) got.push_back(*payload);
        }
        CHECK(got == payloads);
        CHECK(reader.at_border());
    }
}

TEST_CASE("a frame length out of range fails the stream permanently") {
    CHECK_FALSE(encode_frame("").has_value());
    FrameReader zero;
    zero.feed(std::string(4, '\0'));
    CHECK_FALSE(zero.next().has_value());
    FrameReader big(10);
    big.feed(std::string("\x0b\0\0\0", 4));
    REQUIRE_FALSE(big.next().has_value());
    big.feed(encode_frame("{}").value());
    CHECK(big.next().error()->limit == 10);
    FrameReader fits(10);
    fits.feed(encode_frame("0123456789").value());
    CHECK(fits.next().value() == "0123456789");
}

}  // namespace protocol_test

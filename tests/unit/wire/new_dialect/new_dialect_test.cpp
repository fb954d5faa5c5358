// A dialect is a folder and one line: echo/ and the line in dialects.cpp are all that this program has beside the product's
// sources, and the product finds the dialect, translates it in both directions and names it.
#include <doctest/doctest.h>

#include "provider/outbound.h"
#include "provider/provider.h"
#include "unit/cli/cli_rig.h"
#include "unit/wire/new_dialect/echo/codec.h"
#include "wire/codecs.h"
#include "wire/dialects.h"
#include "wire/translate/translate.h"

namespace new_dialect_test {

using namespace hearth;
using namespace hearth::exchange;
using wire::echo::kEcho;

namespace {

constexpr std::string_view kEchoRequest =
    R"({"model":"m","stream":true,"limit":50,"talk":[{"who":"system","text":"be brief"},{"who":"user","text":"how deep?"},)"
    R"({"who":"assistant","text":"","calls":[{"id":"c1","name":"depth","arguments":"{\"at\":\"pier\"}"}]},)"
    R"({"who":"tool","call":"c1","text":"4 m"}],"tools":[{"name":"depth","about":"measures","schema":{"type":"object"}}],)"
    R"("mood":"calm"})";

Request decode(Dialect dialect, std::string_view body) {
    json::Document document;
    REQUIRE(document.parse(body));
    wire::Call call;
    if (wire::dialect_row(dialect).call_paths) call = {.model = "up", .stream = true};  // the path has them
    auto request = wire::client_codec(dialect)->decode(call, document);
    REQUIRE_MESSAGE(request, std::string(request ? "" : request.error()->message));
    return std::move(*request);
}

wire::Translated translated(const Request& request, Dialect to) {
    auto out = wire::translate_request(request, {.dialect = to, .provider = "p"});
    REQUIRE_MESSAGE(out, std::string(out ? "" : out.error()->message));
    return std::move(*out);
}

std::string encode(const Request& request, Dialect to) {
    return wire::upstream_codec(to)->encode(request, {.provider = "p", .model = "up", .ask_usage = false});
}

// What comes back in `to` is the conversation that `from` sent.
void check_request(Dialect from, Dialect to, const Request& sent) {
    CAPTURE(wire::dialect_name(from));
    CAPTURE(wire::dialect_name(to));
    const auto arrived = decode(to, encode(translated(sent, to).request, to));
    CHECK(arrived.model == "up");
    CHECK(arrived.stream == sent.stream);
    CHECK(arrived.sampling.max_tokens == sent.sampling.max_tokens);
    const auto &before = sent.chat(), &after = arrived.chat();
    REQUIRE(after.turns.size() == before.turns.size());
    for (std::size_t i = 0; i < before.turns.size(); ++i) CHECK(after.turns[i].role == before.turns[i].role);
    const auto* call = std::get_if<ToolCall>(&after.turns[2].parts.back());
    REQUIRE(call);
    CHECK(call->name == "depth");
    CHECK(call->arguments == R"({"at":"pier"})");
    REQUIRE(after.tools.size() == 1);
    CHECK(after.tools[0].name == "depth");
}

Answer an_answer() {
    Answer answer;
    answer.id = "x";
    answer.model = "up";
    auto& choice = answer.choices.emplace_back();
    choice.text = "Four metres.\nNo more: \"quoted\" \u2248 4 m";
    ToolCall call;
    call.id = "c9";
    call.name = "depth";
    call.arguments = R"({"at":"quay"})";
    choice.tool_calls.push_back(call);
    choice.finish = FinishReason::tool_calls;
    answer.usage.input = 7;
    answer.usage.output = 5;
    answer.done = true;
    return answer;
}

wire::AnswerContext context_of(const Request& request) {
    return {.request = &request, .endpoint = {}, .model = "m", .origin = "p", .id = "abc", .created_s = 1};
}

Request question(Dialect dialect) {
    Request request;
    request.dialect = dialect;
    request.stream = true;
    request.include_usage = true;
    request.body = Chat{};
    return request;
}

std::string stream_of(Dialect dialect, const Answer& answer) {
    const auto request = question(dialect);
    const auto encoder = wire::client_codec(dialect)->stream(context_of(request));
    std::string out;
    for (const auto& event : unfold(answer)) encoder->write(event, out);
    return out;
}

Answer read_stream(Dialect dialect, std::string_view bytes, std::size_t cut) {
    const auto request = question(dialect);
    const auto decoder = wire::upstream_codec(dialect)->stream(request);
    std::vector<Event> events;
    decoder->feed(bytes.substr(0, cut), events);
    decoder->feed(bytes.substr(cut), events);
    decoder->finish(events);
    Answer answer;
    for (auto& event : events) fold(answer, std::move(event));
    return answer;
}

void check_answer(const Answer& got) {
    const auto expected = an_answer();
    CHECK(!got.failure);
    CHECK(got.done);
    REQUIRE(got.choices.size() == 1);
    CHECK(got.choices[0].text == expected.choices[0].text);
    REQUIRE(got.choices[0].tool_calls.size() == 1);
    CHECK(got.choices[0].tool_calls[0].name == "depth");
    CHECK(got.choices[0].tool_calls[0].arguments == R"({"at":"quay"})");
    CHECK(got.choices[0].finish == FinishReason::tool_calls);
    CHECK(got.usage.input == 7);
    CHECK(got.usage.output == 5);
}

constexpr Dialect kOthers[] = {Dialect::openai, Dialect::anthropic, Dialect::responses, Dialect::gemini};

}  // namespace

TEST_CASE("a new dialect has its place in the table") {
    CHECK(wire::parse_dialect("echo-json") == kEcho);
    CHECK(wire::dialect_name(kEcho) == "echo-json");
    CHECK(wire::dialects().size() == static_cast<std::size_t>(kEcho) + 1);
    CHECK(wire::client_codec(kEcho) == &wire::echo::client_codec());
    CHECK(wire::upstream_codec(kEcho) == &wire::echo::upstream_codec());
    CHECK(wire::upstream_codec(kEcho, "vertex") == nullptr);
}

TEST_CASE("a new dialect is found by its path, its prefix and its clients' header") {
    const auto match = wire::find_endpoint("/echo/ask", {}, "POST", false);
    REQUIRE(match.endpoint);
    CHECK(match.method_fits);
    CHECK(match.dialect == kEcho);
    CHECK_FALSE(wire::find_endpoint("/echo/ask", {}, "GET", false).method_fits);
    const auto unknown = wire::find_endpoint("/echo/other", {}, "POST", false);
    CHECK_FALSE(unknown.endpoint);
    CHECK(unknown.dialect == kEcho);
    CHECK(wire::dialect_of_headers([](std::string_view name) { return name == "echo-version"; }) == kEcho);
}

TEST_CASE("requests are translated from and to a new dialect") {
    const auto from_echo = decode(kEcho, kEchoRequest);
    for (const auto other : kOthers) {
        check_request(kEcho, other, from_echo);
        const auto from_other = decode(other, encode(translated(from_echo, other).request, other));
        check_request(other, kEcho, from_other);
    }
    CHECK(translated(from_echo, Dialect::openai).warnings ==
          std::vector<std::string>{"unknown_fields: mood not sent to p"});
}

TEST_CASE("what a new dialect's column drops or rejects is dropped with a warning or rejected") {
    auto request = question(Dialect::openai);
    Turn user;
    user.parts.emplace_back(Text{"hi", {}});
    std::get<Chat>(request.body).turns.push_back(user);
    request.sampling.seed = 7;
    const auto sent = translated(request, kEcho);
    REQUIRE(sent.warnings.size() == 1);
    CHECK(sent.warnings[0].starts_with("seed: "));
    CHECK_FALSE(sent.request.sampling.seed);
    std::get<Chat>(request.body).turns[0].parts.emplace_back(Image{.url = "https://x/y.png"});
    const auto rejected = wire::translate_request(request, {.dialect = kEcho, .provider = "p"});
    REQUIRE_FALSE(rejected);
    CHECK(rejected.error()->message.contains("image URLs"));
    CHECK(rejected.error()->message.contains("echo-json"));
    wire::AnswerFeatures found;
    wire::find(MediaDelta{0, "image/png", "QQ=="}, found);
    CHECK(wire::losses(found, kEcho).size() == 1);
}

TEST_CASE("whole answers are translated from and to a new dialect") {
    const auto request = question(kEcho);
    json::Document scratch;
    for (const auto other : kOthers) {
        CAPTURE(wire::dialect_name(other));
        const auto theirs = question(other);
        const auto body = wire::client_codec(other)->whole(context_of(theirs), an_answer());
        const auto read = wire::upstream_codec(other)->whole(Kind::chat, body, scratch);
        REQUIRE(read);
        const auto echo = wire::client_codec(kEcho)->whole(context_of(request), *read);
        const auto back = wire::upstream_codec(kEcho)->whole(Kind::chat, echo, scratch);
        REQUIRE(back);
        check_answer(*back);
    }
}

TEST_CASE("streams are translated from and to a new dialect, cut at every byte") {
    for (const auto other : kOthers) {
        CAPTURE(wire::dialect_name(other));
        const auto theirs = stream_of(other, an_answer());
        const auto echo = stream_of(kEcho, read_stream(other, theirs, theirs.size()));
        for (std::size_t cut = 0; cut <= echo.size(); ++cut) check_answer(read_stream(kEcho, echo, cut));
        const auto again = stream_of(other, read_stream(kEcho, echo, echo.size()));
        for (std::size_t cut = 0; cut <= again.size(); ++cut) check_answer(read_stream(other, again, cut));
    }
}

TEST_CASE("a stream of a new dialect that is cut short is a failure") {
    const auto bytes = stream_of(kEcho, an_answer());
    for (std::size_t end = 0; end + 1 < bytes.size(); ++end) {
        const auto got = read_stream(kEcho, std::string_view(bytes).substr(0, end), end / 2);
        CHECK(got.failure);
    }
}

TEST_CASE("a stream of a new dialect is relayed in its own bytes") {
    const auto bytes = stream_of(kEcho, an_answer());
    const auto relay = wire::upstream_codec(kEcho)->relay({});
    std::string out;
    for (const char c : bytes) {
        for (const auto piece : relay->feed({&c, 1})) out += piece;
    }
    out += relay->finish();
    CHECK(out == bytes);
    CHECK(relay->facts().usage->input == 7);
}

TEST_CASE("a provider of a new dialect gets the headers of its row") {
    config::Config config;
    config.providers["mine"] = {
        .id = "mine", .base_url = "https://echo.example/echo", .dialect = "echo-json"};
    const auto registry = provider::Registry::build(config, config::Environment());
    REQUIRE_MESSAGE(registry, std::string(registry ? "" : registry.error()->message));
    const auto* mine = registry->find("mine");
    REQUIRE(mine);
    CHECK(mine->auth_header == "echo-key");
    auto ready = *mine;
    ready.key = Secret("k");
    const auto& wire = ready.wires.front();
    const auto head = provider::common_head(ready, wire, Kind::chat, "/ask", true);
    REQUIRE_MESSAGE(head, std::string(head ? "" : head.error()->message));
    CHECK(head->headers.get("echo-key") == "k");
    CHECK(head->headers.get("echo-version") == "1");
    CHECK(head->headers.get("accept") == "application/x-ndjson");
    http::HeaderList client, out;
    client.append("echo-mood", "calm");
    client.append("echo-key", "theirs");
    provider::add_request_headers(ready, 0, true, client, out);
    CHECK(out.get("echo-mood") == "calm");
    CHECK_FALSE(out.contains("echo-key"));
}

TEST_CASE("hearth dialects names a new dialect") {
    cli_rig::Shell shell;
    CHECK(shell.run({"dialects", "--markdown"}) == 0);
    CHECK(shell.out.contains("| echo-json |"));
    CHECK(shell.run({"dialects", "echo-json", "openai"}) == 0);
    CHECK(shell.out.contains("tool calls"));
    CHECK(shell.run({"dialects", "klingon", "openai"}) != 0);
    CHECK(shell.err.contains("engine or echo-json"));
}

}  // namespace new_dialect_test

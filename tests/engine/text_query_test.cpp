// Text queries: tokenize, detokenize and apply_template.
#include <doctest/doctest.h>

#include <fstream>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "text/base64.h"
#include "worker_process.h"

using namespace hearth;
using namespace hearth::engine;
using namespace hearth::engine::test;

namespace {

TextAnswer ask(WorkerProcess& worker, TextQuery query) {
    query.id = 9;
    worker.send(query);
    while (auto message = worker.receive()) {
        if (auto* answer = std::get_if<TextAnswer>(&*message)) return std::move(*answer);
    }
    FAIL("the worker closed");
    return {};
}

const std::string& model_file() {
    static const std::string path = tiny().model_path;
    return path;
}

int quantize(const std::string& in, const std::string& out, const std::string& type) {
    const char* arguments[] = {
        HEARTH_BINARY_DIR "/bin/hearth-engine", "--quantize", in.c_str(), out.c_str(), type.c_str(), nullptr};
    pid_t child = 0;
    REQUIRE(posix_spawn(&child, arguments[0], nullptr, nullptr, const_cast<char**>(arguments), environ) == 0);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

TEST_CASE("a text is tokenized with pieces and detokenized") {
    WorkerProcess worker;
    ready(worker, tiny());
    const std::string text = "int main() { return 0; } // größer \xf0\x9f\x99\x82\n";
    const auto cut = ask(worker, {.text = text, .with_pieces = true});
    REQUIRE_FALSE(cut.error);
    CHECK(cut.id == 9);
    CHECK(cut.tokens.size() > 8);
    REQUIRE(cut.pieces.size() == cut.tokens.size());
    std::string joined;
    for (const auto& piece : cut.pieces) joined += text::base64_decode(piece).value();
    CHECK(joined == text);
    CHECK(ask(worker, {.what = TextQuery::What::detokenize, .tokens = cut.tokens}).text == text);
    CHECK(ask(worker, {.text = "<|endoftext|>"}).tokens.size() == 1);
    CHECK(ask(worker, {.text = "<|endoftext|>", .parse_special = false}).tokens.size() > 1);
    const auto none = ask(worker, {.what = TextQuery::What::detokenize, .tokens = {1 << 30}});
    REQUIRE(none.error);
    CHECK(none.error->code == Code::invalid_request);
}

TEST_CASE("apply_template returns the prompt that generation uses") {
    WorkerProcess worker;
    ready(worker, tiny());
    const auto request = chat("hello there", 1);
    const auto prompt = ask(worker, {.what = TextQuery::What::apply_template, .request = request});
    REQUIRE_FALSE(prompt.error);
    CHECK(prompt.text.find("hello there") != std::string::npos);
    const auto tokens = ask(worker, {.text = prompt.text, .add_special = true}).tokens;
    CHECK(static_cast<std::int64_t>(tokens.size()) == *worker.run(request).usage.input);
    const auto wrong = ask(worker, {.what = TextQuery::What::apply_template, .request = completion("x", 1)});
    REQUIRE(wrong.error);
    CHECK(wrong.error->code == Code::invalid_request);
}

TEST_CASE("calls and results in a template without tool support") {
    auto load = tiny();
    // Like Gemma 2: two alternating roles.
    load.chat_template =
        "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
        "{{ raise_exception('roles must alternate') }}{% endif %}{{ m.role }}: {{ m.content }}\n{% endfor %}";
    WorkerProcess worker;
    CHECK_FALSE(ready(worker, load).model.can_call_tools);
    auto request = chat("The weather in Oslo and Rome?", 1);
    using namespace exchange;
    auto& turns = std::get<Chat>(request.body).turns;
    turns.push_back({.role = Role::assistant,
                     .parts = {Text{"I ask.", {}}, ToolCall{"c1", "weather", R"({"city":"Oslo"})"},
                               ToolCall{"c2", "weather", R"({"city":"Rome"})"}}});
    turns.push_back({.role = Role::tool, .tool_call_id = "c1", .parts = {Text{"rain", {}}}});
    turns.push_back({.role = Role::tool, .tool_call_id = "c2", .parts = {Text{"sun", {}}}});
    const auto prompt = ask(worker, {.what = TextQuery::What::apply_template, .request = request});
    REQUIRE_MESSAGE(!prompt.error, prompt.error->message);
    CHECK(prompt.text == R"(user: The weather in Oslo and Rome?
assistant: I ask.
{"name":"weather","arguments":{"city":"Oslo"}}
{"name":"weather","arguments":{"city":"Rome"}}
user: Result of weather:
rain

Result of weather:
sun
)");
}

TEST_CASE("call ids in a template that requires nine characters") {
    auto load = tiny();
    std::ifstream file(HEARTH_LLAMA_ROOT "/src/models/templates/mistralai-Mistral-Nemo-Instruct-2407.jinja");
    load.chat_template.assign(std::istreambuf_iterator<char>(file), {});
    WorkerProcess worker;
    CHECK(ready(worker, load).model.can_call_tools);
    auto request = chat("The weather in Oslo?", 1);
    using namespace exchange;
    auto& turns = std::get<Chat>(request.body).turns;
    const std::string id = "toolu_01A09q90qw90lq917835lq9";
    turns.push_back({.role = Role::assistant,
                     .parts = {ToolCall{id, "weather", "{}"}, ToolCall{"abcdefgh1", "weather", "{}"}}});
    turns.push_back({.role = Role::tool, .tool_call_id = id, .parts = {Text{"rain", {}}}});
    turns.push_back({.role = Role::tool, .tool_call_id = "abcdefgh1", .parts = {Text{"sun", {}}}});
    const auto prompt = ask(worker, {.what = TextQuery::What::apply_template, .request = request});
    REQUIRE_MESSAGE(!prompt.error, prompt.error->message);
    const auto at = prompt.text.find(R"("id": ")");
    REQUIRE(at != std::string::npos);
    const auto own = prompt.text.substr(at + 7, 9);
    CHECK(prompt.text.find(R"("call_id": ")" + own + '"') != std::string::npos);
    CHECK(prompt.text.find(R"("call_id": "abcdefgh1")") != std::string::npos);  // valid: unchanged
    CHECK(prompt.text.find(id) == std::string::npos);
}

TEST_CASE("an undecodable query gets an error; the worker continues") {
    WorkerProcess worker;
    ready(worker, tiny());
    worker.send_bytes(encode_frame(R"({"type":"text_query","id":777,"what":"sing"})").value());
    const auto refused = worker.wait(777);
    REQUIRE(refused.failure.has_value());
    CHECK(refused.failure->param == "what");
    CHECK(ask(worker, {.text = "x"}).tokens.size() == 1);
}

TEST_CASE("quantizing: gives a smaller file that loads; failures leave no file") {
    const std::string out = HEARTH_BINARY_DIR "/test-models/quantized.gguf";
    unlink(out.c_str());
    REQUIRE(quantize(model_file(), out, "q8_0") == 0);
    const auto size = [](const std::string& path) { return std::ifstream(path, std::ios::ate).tellg(); };
    CHECK(size(out) < size(model_file()) * 7 / 10);
    {
        WorkerProcess worker;
        auto load = tiny();
        load.model_path = out;
        CHECK(ready(worker, load).model.description.find("Q8_0") != std::string::npos);
    }
    CHECK(quantize(model_file(), out, "q8_0") == 73);  // it exists
    unlink(out.c_str());
    CHECK(quantize(model_file(), out, "Q9_9") == 65);
    CHECK(quantize("/etc/hostname", out, "Q8_0") == 3);
    unlink(out.c_str());
}

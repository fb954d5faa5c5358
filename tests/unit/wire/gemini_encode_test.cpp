// Bodies for a Gemini upstream, and that what the dialect keeps comes back from them.
#include "unit/wire/gemini_common.h"
#include "wire/gemini/signature.h"

namespace gemini_encode_test {

using namespace gemini_test;

namespace {

Request chat_of(std::vector<Turn> turns, Dialect dialect = Dialect::openai) {
    Request out;
    out.dialect = dialect;
    out.model = "m";
    Chat chat;
    chat.turns = std::move(turns);
    out.body = std::move(chat);
    return out;
}
Turn says(Role role, std::string text) {
    return {.role = role, .parts = {Text{std::move(text), {}}}};
}
Turn result(std::string id, std::string text, bool error = false) {
    return {.role = Role::tool,
            .tool_call_id = std::move(id),
            .is_error = error,
            .parts = {Text{std::move(text), {}}}};
}
std::string contents(const Request& request, const wire::UpstreamNeeds& needs = {}) {
    json::Document document;
    const auto body = encoded(request, needs);
    REQUIRE(document.parse(body));
    return std::string(document.root()["contents"].raw());
}
std::string config(const Chat& chat, std::string_view model) {
    auto request = chat_of({says(Role::user, "x")});
    const auto turns = request.chat().turns;
    request.body = chat;
    std::get<Chat>(request.body).turns = turns;
    json::Document document;
    const auto body = encoded(request, {.model = model});
    REQUIRE(document.parse(body));
    return std::string(document.root()["generationConfig"].raw());
}

}  // namespace

TEST_CASE("gemini upstream: system text leads, later system text stays in place") {
    const auto request =
        chat_of({says(Role::system, "s"), says(Role::developer, "d"), says(Role::user, "u"),
                 says(Role::assistant, "a"), says(Role::system, "later"), says(Role::user, "v")});
    CHECK(encoded(request) ==
          R"({"contents":[{"role":"user","parts":[{"text":"u"}]},{"role":"model","parts":[{"text":"a"}]},)"
          R"({"role":"user","parts":[{"text":"later"},{"text":"v"}]}],)"
          R"("systemInstruction":{"parts":[{"text":"s"},{"text":"d"}]}})");
    CHECK(encoded(chat_of({says(Role::system, "s")})) ==
          R"({"contents":[{"role":"user","parts":[{"text":"s"}]}]})");
}

TEST_CASE("gemini upstream: media") {
    const auto request =
        chat_of({{.role = Role::user,
                  .parts = {Image{.media_type = "image/png", .data = "AA=="},
                            Image{.url = "https://x.test/a.PNG?x=1"},
                            Image{.url = "https://x.test/a.webp?x=1"}, Audio{"mp3", "BB==", {}},
                            File{.name = "a.csv", .data = "CC=="}, File{.data = "data:text/html;base64,DD=="},
                            File{.text = "plain"}, File{.url = "gs://b/a.pdf"}}}});
    CHECK(
        contents(request) ==
        R"([{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"AA=="}},)"
        R"({"fileData":{"mimeType":"image/jpeg","fileUri":"https://x.test/a.PNG?x=1"}},)"
        R"({"fileData":{"mimeType":"image/webp","fileUri":"https://x.test/a.webp?x=1"}},)"
        R"({"inlineData":{"mimeType":"audio/mp3","data":"BB=="}},{"inlineData":{"mimeType":"text/csv","data":"CC=="}},)"
        R"({"inlineData":{"mimeType":"text/html","data":"DD=="}},{"text":"plain"},)"
        R"({"fileData":{"mimeType":"application/pdf","fileUri":"gs://b/a.pdf"}}]}])");
}

TEST_CASE("gemini upstream: results follow the order of their calls, without foreign ids") {
    const auto request =
        chat_of({says(Role::user, "u"),
                 {.role = Role::assistant,
                  .parts = {ToolCall{.id = "toolu_1", .name = "f", .arguments = R"({"a":1})"},
                            ToolCall{.id = "toolu_2", .name = "f", .arguments = ""},
                            ToolCall{.id = "toolu_3", .name = "g", .arguments = "cut {"}}},
                 result("toolu_3", "no", true),
                 result("toolu_2", R"({"two":2})"),
                 result("toolu_1", "one"),
                 says(Role::user, "go on")});
    CHECK(
        contents(request, {.model = "gemini-2.5-pro"}) ==
        R"([{"role":"user","parts":[{"text":"u"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}}},)"
        R"({"functionCall":{"name":"f","args":{}}},{"functionCall":{"name":"g","args":{"input":"cut {"}}}]},)"
        R"({"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"one"}}},)"
        R"({"functionResponse":{"name":"f","response":{"two":2}}},{"functionResponse":{"name":"g","response":{"error":"no"}}},)"
        R"({"text":"go on"}]}])");
}

TEST_CASE("gemini upstream: images in a tool result") {
    auto shown = result("c", "seen");
    shown.parts.emplace_back(Image{.media_type = "image/png", .data = "AA=="});
    const auto request =
        chat_of({says(Role::user, "u"),
                 {.role = Role::assistant, .parts = {ToolCall{.id = "c", .name = "f", .arguments = "{}"}}},
                 shown});
    CHECK(contents(request, {.model = "gemini-2.5-flash"})
              .ends_with(R"({"functionResponse":{"name":"f","response":{"output":"seen"}}},)"
                         R"({"inlineData":{"mimeType":"image/png","data":"AA=="}}]}])"));
    CHECK(contents(request, {.model = "gemini-3-pro"})
              .ends_with(R"({"functionResponse":{"name":"f","response":{"output":"seen"},)"
                         R"("parts":[{"inlineData":{"mimeType":"image/png","data":"AA=="}}]}}]}])"));
}

TEST_CASE("gemini upstream: calls of the current turn carry a signature or the marker for none") {
    const Turn old{.role = Role::assistant, .parts = {ToolCall{.id = "a", .name = "old", .arguments = "{}"}}};
    const Turn mixed{.role = Role::assistant,
                     .parts = {ToolCall{.id = "b", .name = "first", .arguments = "{}"},
                               ToolCall{.id = "c", .name = "second", .arguments = "{}"}}};
    Turn own{.role = Role::assistant,
             .parts = {Reasoning{"hm", {"T", "google"}},
                       ToolCall{.id = "native", .name = "own", .arguments = "{}", .opaque = {"S", "google"}},
                       ToolCall{.id = "call_0123456789abcdef_0", .name = "ours", .arguments = "{}"}}};
    const auto request = chat_of({says(Role::user, "u"), old, result("a", "1"), says(Role::assistant, "done"),
                                  says(Role::user, "v"), mixed, result("b", "2"), result("c", "3"), own,
                                  result("native", "4"), result("call_0123456789abcdef_0", "5")});
    const auto body = contents(request, {.provider = "google", .model = "gemini-3-pro"});
    CHECK(body.find(R"({"functionCall":{"name":"old","args":{}}})") != std::string::npos);
    CHECK(
        body.find(
            R"({"functionCall":{"name":"first","args":{}},"thoughtSignature":"skip_thought_signature_validator"},)"
            R"({"functionCall":{"name":"second","args":{}}})") != std::string::npos);
    CHECK(body.find(R"({"text":"hm","thought":true,"thoughtSignature":"T"},)"
                    R"({"functionCall":{"id":"native","name":"own","args":{}},"thoughtSignature":"S"},)"
                    R"({"functionCall":{"name":"ours","args":{}}})") != std::string::npos);
    CHECK(body.find(R"({"functionResponse":{"id":"native","name":"own","response":{"output":"4"}}},)"
                    R"({"functionResponse":{"name":"ours")") != std::string::npos);
    // To another provider nothing of it goes, and the place of the signature is filled.
    const auto elsewhere = contents(request, {.provider = "vertex", .model = "gemini-3-pro"});
    CHECK(elsewhere.find(R"("hm")") == std::string::npos);
    CHECK(elsewhere.find(R"("S")") == std::string::npos);
    CHECK(elsewhere.find(R"({"functionCall":{"name":"own","args":{}},"thoughtSignature":"skip_)") !=
          std::string::npos);
    CHECK(contents(request, {.provider = "vertex", .model = "gemini-2.5-pro"}).find("skip_") ==
          std::string::npos);
}

TEST_CASE("gemini upstream: schemas go into the field that supports them") {
    auto request = chat_of({says(Role::user, "x")});
    auto& chat = std::get<Chat>(request.body);
    const std::string simple =
        R"({"type":"object","properties":{"a":{"type":"string","enum":["x"]}},"required":["a"]})";
    const std::string rich =
        R"({"$schema":"s","type":"object","properties":{"a":{"type":["string","null"]}},"additionalProperties":false})";
    chat.tools = {
        {.name = "f", .description = "d", .parameters = simple},
        {.name = "g", .parameters = rich},
        {.name = "h", .parameters = R"({"type":"object","properties":{},"additionalProperties":false})"},
        {.name = "i"}};
    chat.response_format = ResponseFormat{ResponseFormat::Kind::json_schema, "n", "", rich, true};
    const auto body = encoded(request);
    const std::string tools =
        R"("tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":)" + simple +
        R"(},{"name":"g","parametersJsonSchema":{"type":"object","properties":)"
        R"({"a":{"type":["string","null"]}},"additionalProperties":false}},{"name":"h"},{"name":"i"}]}])";
    CHECK(body.find(tools) != std::string::npos);
    CHECK(body.find(R"("responseMimeType":"application/json","responseJsonSchema":{"type":"object")") !=
          std::string::npos);
    for (const auto* outside : {R"({"type":"string","format":"uuid"})", R"({"type":"integer","enum":[1]})",
                                R"({"$ref":"#/$defs/a"})", R"({"type":"object"})", R"({"type":"array"})",
                                R"({"type":"integer","exclusiveMinimum":1})",
                                R"({"oneOf":[{"type":"string"}]})", R"({"type":"string","const":"a"})"}) {
        CAPTURE(outside);
        chat.response_format->schema = R"({"type":"object","properties":{"p":)" + std::string(outside) + "}}";
        CHECK(encoded(request).find("responseJsonSchema") != std::string::npos);
    }
}

TEST_CASE("gemini upstream: thinking level and budget") {
    const auto effort = [](std::string word, std::string_view model) {
        Chat chat;
        chat.reasoning_effort = std::move(word);
        return config(chat, model);
    };
    CHECK(effort("medium", "gpt") == R"({"thinkingConfig":{"thinkingBudget":2048,"includeThoughts":true}})");
    CHECK(effort("xhigh", "gemini-2.5-flash") ==
          R"({"thinkingConfig":{"thinkingBudget":8192,"includeThoughts":true}})");
    CHECK(effort("none", "gemini-2.5-flash") == R"({"thinkingConfig":{"thinkingBudget":0}})");
    CHECK(effort("none", "gemini-2.5-pro") == R"({"thinkingConfig":{"thinkingBudget":128}})");
    CHECK(effort("medium", "gemini-3.8-flash") ==
          R"({"thinkingConfig":{"thinkingLevel":"medium","includeThoughts":true}})");
    CHECK(effort("max", "google/gemini-3-pro") ==
          R"({"thinkingConfig":{"thinkingLevel":"high","includeThoughts":true}})");
    CHECK(effort("none", "gemini-3-pro") == R"({"thinkingConfig":{"thinkingLevel":"low"}})");
    CHECK(effort("", "gemini-3-pro").empty());
    using Mode = Thinking::Mode;
    CHECK(config({.thinking = {Mode::budget, 5000, ""}}, "gemini-3-pro") ==
          R"({"thinkingConfig":{"thinkingBudget":5000,"includeThoughts":true}})");
    CHECK(config({.thinking = {Mode::budget, 5000, "omitted"}}, "g") ==
          R"({"thinkingConfig":{"thinkingBudget":5000,"includeThoughts":false}})");
    CHECK(config({.reasoning_effort = "high", .thinking = {Mode::off, {}, ""}}, "gemini-2.5-flash") ==
          R"({"thinkingConfig":{"thinkingBudget":0}})");
    CHECK(config({.thinking = {Mode::adaptive, {}, "auto"}}, "g") ==
          R"({"thinkingConfig":{"thinkingBudget":-1,"includeThoughts":true}})");
}

TEST_CASE("gemini upstream: counting and embedding") {
    auto count = chat_of({says(Role::system, "s"), says(Role::user, "x")});
    count.kind = Kind::count;
    count.sampling.max_tokens = 5;
    CHECK(
        encoded(count, {.model = "g"}) ==
        R"({"generateContentRequest":{"model":"models/g","contents":[{"role":"user","parts":[{"text":"x"}]}],)"
        R"("systemInstruction":{"parts":[{"text":"s"}]}}})");
    Request embedding;
    embedding.kind = Kind::embedding;
    embedding.body = Embedding{{"a", "b"}, 8, true};
    CHECK(encoded(embedding, {.model = "e"}) ==
          R"({"requests":[{"model":"models/e","content":{"parts":[{"text":"a"}]},"outputDimensionality":8},)"
          R"({"model":"models/e","content":{"parts":[{"text":"b"}]},"outputDimensionality":8}]})");
}

}  // namespace gemini_encode_test

// Requests of Gemini clients, decoded.
#include "text/base64.h"
#include "unit/wire/gemini_common.h"
#include "wire/gemini/schema.h"
#include "wire/gemini/signature.h"

namespace gemini_requests_test {

using namespace gemini_test;

namespace {

std::string converted(std::string_view schema) {
    json::Document document;
    REQUIRE(document.parse(schema));
    return gemini::to_json_schema(document.root());
}

}  // namespace

TEST_CASE("gemini: every kind of part") {
    const auto request =
        decoded(R"({"systemInstruction":{"parts":[{"text":"be brief"}],"odd":"x"},"contents":[
        {"role":"user","parts":[{"text":"look","new":1},{"inlineData":{"mimeType":"image/png","data":"AAAA"}},
            {"inlineData":{"mimeType":"audio/x-wav","data":"BBBB"}},
            {"inlineData":{"mimeType":"application/pdf","data":"CCCC","displayName":"a.pdf"}},
            {"fileData":{"mimeType":"image/webp","fileUri":"https://x.test/a.webp"}},
            {"fileData":{"mimeType":"application/pdf","fileUri":"gs://bucket/a.pdf"}},
            {"fileData":{"mimeType":"image/png","fileUri":"https://generativelanguage.googleapis.com/v1beta/files/f1"}},
            {"fileData":{"mimeType":"video/mp4","fileUri":"gs://bucket/v.mp4"},"videoMetadata":{"fps":2}},
            {"executableCode":{"language":"PYTHON","code":"1"}}]},
        {"parts":[{"text":"no role"}]}]})");
    const auto& turns = request.chat().turns;
    CHECK(request.model == "m");
    CHECK(request.dialect == Dialect::gemini);
    REQUIRE(turns.size() == 3);
    CHECK(turns[0].role == Role::system);
    CHECK(part<Text>(turns[0], 0).text == "be brief");
    CHECK(turns[0].extra == std::vector<RawField>{{"odd", R"("x")"}});
    const auto& turn = turns[1];
    CHECK(part<Text>(turn, 0) == Text{"look", {{"new", "1"}}});
    CHECK(part<Image>(turn, 1) == Image{.media_type = "image/png", .data = "AAAA"});
    CHECK(part<Audio>(turn, 2) == Audio{"wav", "BBBB", {}});
    CHECK(part<File>(turn, 3) == File{.name = "a.pdf", .data = "CCCC", .media_type = "application/pdf"});
    CHECK(part<Image>(turn, 4) == Image{.url = "https://x.test/a.webp", .media_type = "image/webp"});
    CHECK(part<File>(turn, 5) == File{.url = "gs://bucket/a.pdf", .media_type = "application/pdf"});
    CHECK(part<Image>(turn, 6).file_id == "https://generativelanguage.googleapis.com/v1beta/files/f1");
    CHECK(part<Foreign>(turn, 7).type == "video");
    CHECK(part<Foreign>(turn, 8) ==
          Foreign{"executableCode", R"({"executableCode":{"language":"PYTHON","code":"1"}})"});
    CHECK(turns[2].role == Role::user);
}

TEST_CASE("gemini: fields in snake_case mean the same") {
    const auto camel = decoded(R"({"systemInstruction":"s","contents":[{"role":"model","parts":[
        {"functionCall":{"name":"f","args":{"a_b":1}},"thoughtSignature":"c2ln"},
        {"inlineData":{"mimeType":"image/png","data":"AA=="}}]}],
        "tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object"}}]}],
        "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},
        "generationConfig":{"maxOutputTokens":5,"topP":0.5,"thinkingConfig":{"thinkingBudget":7}}})");
    const auto snake = decoded(R"({"system_instruction":"s","contents":[{"role":"model","parts":[
        {"function_call":{"name":"f","args":{"a_b":1}},"thought_signature":"c2ln"},
        {"inline_data":{"mime_type":"image/png","data":"AA=="}}]}],
        "tools":[{"function_declarations":[{"name":"f","parameters_json_schema":{"type":"object"}}]}],
        "tool_config":{"function_calling_config":{"mode":"any","allowed_function_names":["f"]}},
        "generation_config":{"max_output_tokens":5,"top_p":0.5,"thinking_config":{"thinking_budget":7}}})");
    CHECK(camel == snake);
    CHECK(snake.extra.empty());
    CHECK(snake.chat().tools.at(0).parameters == R"({"type":"object"})");
    const auto capitals =
        decoded(R"({"contents":[{"parts":[{"text":"hi"}]}],"tools":[{"functionDeclarations":[
        {"name":"f","parametersJsonSchema":{"type":"OBJECT"}}]}]})");
    CHECK(capitals.chat().tools.at(0).parameters == R"({"type":"object"})");
    CHECK(part<ToolCall>(snake.chat().turns[1], 0).arguments == R"({"a_b":1})");
}

TEST_CASE("gemini: calls and responses without ids are matched") {
    const auto request = decoded(R"({"contents":[{"role":"model","parts":[
            {"functionCall":{"name":"a","args":{"n":1}}},{"functionCall":{"name":"b"}},
            {"functionCall":{"name":"a","args":{"n":2}}},{"functionCall":{"id":"own","name":"c"}}]},
        {"role":"function","parts":[{"functionResponse":{"name":"b","response":{"output":"B"}}},
            {"functionResponse":{"name":"a","response":{"error":"A1"}}},
            {"functionResponse":{"name":"a","response":{"n": 2},"willContinue":false}},{"text":"and?"},
            {"functionResponse":{"id":"own","name":"c","response":{},
                "parts":[{"inlineData":{"mimeType":"image/png","data":"AA=="}}]}},
            {"functionResponse":{"name":"unknown","response":{"output":"?"}}}]}]})");
    const auto& turns = request.chat().turns;
    REQUIRE(turns.size() == 7);
    CHECK(part<ToolCall>(turns[0], 0).id == "call_0");
    CHECK(part<ToolCall>(turns[0], 1) ==
          ToolCall{.id = "call_1", .name = "b", .arguments = "{}", .extra = {}});
    CHECK(part<ToolCall>(turns[0], 2).id == "call_2");
    CHECK(turns[1].tool_call_id == "call_1");
    CHECK(turns[2].tool_call_id == "call_0");
    CHECK(turns[2].is_error);
    CHECK(part<Text>(turns[2], 0).text == "A1");
    CHECK(turns[3].tool_call_id == "call_2");
    CHECK_FALSE(turns[3].is_error);
    CHECK(part<Text>(turns[3], 0).text == R"({"n": 2})");
    CHECK(turns[3].extra == std::vector<RawField>{{"functionResponse.willContinue", "false"}});
    CHECK(turns[4].tool_call_id == "own");
    CHECK(part<Image>(turns[4], 1).data == "AA==");
    CHECK(turns[5].tool_call_id.empty());
    CHECK(turns[6].role == Role::user);  // behind all results of its content
    CHECK(part<Text>(turns[6], 0).text == "and?");
}

TEST_CASE("gemini: several responses to one call are its one result") {
    const auto request = decoded(R"({"contents":[{"role":"model","parts":[
        {"functionCall":{"id":"1","name":"a"}},{"functionCall":{"id":"2","name":"a"}}]},
        {"parts":[{"functionResponse":{"id":"1","name":"a","response":{"output":"x"}}},
            {"functionResponse":{"id":"1","name":"a","response":{"output":"y"}}},
            {"inlineData":{"mimeType":"image/png","data":"AA=="}},{"text":"a picture"},
            {"functionResponse":{"id":"2","name":"a","response":{"output":"z"}}}]}]})");
    const auto& turns = request.chat().turns;
    REQUIRE(turns.size() == 4);
    CHECK(turns[1].tool_call_id == "1");
    REQUIRE(turns[1].parts.size() == 2);
    CHECK(part<Text>(turns[1], 1).text == "y");
    CHECK(turns[2].tool_call_id == "2");
    CHECK(turns[3].role == Role::user);
    CHECK(turns[3].parts.size() == 2);
}

TEST_CASE("gemini: ids that clients invent do not collide with ours") {
    const auto request = decoded(R"({"contents":[{"role":"model","parts":[
        {"functionCall":{"id":"call_0","name":"a"}},{"functionCall":{"name":"a"}}]},
        {"parts":[{"functionResponse":{"id":"other","name":"a","response":{}}}]}]})");
    CHECK(part<ToolCall>(request.chat().turns[0], 1).id == "call_1");
    CHECK(request.chat().turns[1].tool_call_id == "call_0");  // an id that no call has: by name
}

TEST_CASE("gemini: thoughts and their signatures") {
    const auto sealed = gemini::seal_signature("claude", "sig");
    const auto request = decoded(R"({"contents":[{"role":"model","parts":[
        {"text":"one ","thought":true},{"text":"two","thought":true},{"text":"","thought":true,"thoughtSignature":")" +
                                 sealed + R"("},{"text":"three","thought":true},
        {"text":"said","thoughtSignature":"cmF3"},{"functionCall":{"name":"f"},"thoughtSignature":"cmF3"}]}]})");
    const auto& turn = request.chat().turns[0];
    REQUIRE(turn.parts.size() == 5);
    CHECK(part<Reasoning>(turn, 0) == Reasoning{"one two", {"sig", "claude"}});
    CHECK(part<Reasoning>(turn, 1) == Reasoning{"three", {}});
    CHECK(part<Text>(turn, 2).text == "said");
    CHECK(part<Reasoning>(turn, 3) == Reasoning{"", {"cmF3", ""}});
    CHECK(part<ToolCall>(turn, 4).opaque == Opaque{"cmF3", ""});
}

TEST_CASE("gemini: a sealed signature is known in every base64") {
    const auto sealed = gemini::seal_signature("p", "\xff\xfe?~");
    CHECK(gemini::is_sealed_signature(sealed));
    CHECK(gemini::unseal_signature(sealed) == Opaque{"\xff\xfe?~", "p"});
    std::string url = sealed;
    for (char& c : url) c = c == '+' ? '-' : c == '/' ? '_' : c;
    while (url.ends_with('=')) url.pop_back();
    CHECK(url != sealed);
    CHECK(gemini::unseal_signature(url) == Opaque{"\xff\xfe?~", "p"});
    CHECK(gemini::unseal_signature("aGVhcnRoOjE6!") == Opaque{"aGVhcnRoOjE6!", "nobody"});
    CHECK(gemini::unseal_signature("cmF3") == Opaque{"cmF3", ""});
}

TEST_CASE("gemini: schemas become plain JSON Schema") {
    CHECK(
        converted(R"({"type":"OBJECT","properties":{"type":{"type":"STRING","format":"enum","enum":["a","b"]},
        "n":{"type":"INTEGER","nullable":true,"format":"int32"},"l":{"type":"ARRAY","minItems":"2","max_items":3,
        "items":{"anyOf":[{"type":"STRING"},{"type":"NUMBER"}]}}},"required":["n"],"propertyOrdering":["n","l"]})") ==
        R"({"type":"object","properties":{"type":{"type":"string","enum":["a","b"]},)"
        R"("n":{"type":["integer","null"],"format":"int32"},"l":{"type":"array","minItems":2,"maxItems":3,)"
        R"("items":{"anyOf":[{"type":"string"},{"type":"number"}]}}},"required":["n"]})");
    CHECK(converted(R"({"anyOf":[{"type":"STRING"}],"nullable":true})") ==
          R"({"anyOf":[{"type":"string"},{"type":"null"}]})");
    CHECK(converted(R"({"type":"STRING","enum":["a"],"nullable":true})") ==
          R"({"type":["string","null"],"enum":["a",null]})");
    CHECK(converted(R"({"type":"TYPE_UNSPECIFIED","default":"STRING","title":"T"})") ==
          R"({"default":"STRING","title":"T"})");
}

TEST_CASE("gemini: tools, choice, configuration") {
    const auto request = decoded(R"({"contents":[{"parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[
            {"name":"f","description":"d","parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING"}}},
             "behavior":"BLOCKING"},{"name":"g"}],"note":"y"},{"googleSearch":{}},{"urlContext":{},"codeExecution":{}}],
        "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["g"],"knob":1},"retrievalConfig":{}},
        "generationConfig":{"temperature":0.5,"topP":0.9,"topK":40.0,"maxOutputTokens":100,"stopSequences":["END"],
            "candidateCount":2,"seed":42,"presencePenalty":0.1,"frequencyPenalty":-0.1,"responseLogprobs":true,
            "logprobs":3,"responseMimeType":"application/json","responseSchema":{"type":"ARRAY","items":{"type":"STRING"}},
            "thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true,"odd":1},"speechConfig":{}},
        "safetySettings":[],"cachedContent":"c","labels":{}})",
                                 {.kind = Kind::chat, .model = "m", .stream = true});
    const auto& chat = request.chat();
    REQUIRE(chat.tools.size() == 5);
    CHECK(chat.tools[0] == Tool{.name = "f",
                                .description = "d",
                                .parameters = R"({"type":"object","properties":{"a":{"type":"string"}}})",
                                .extra = {{"behavior", R"("BLOCKING")"}}});
    CHECK(chat.tools[1] == Tool{.name = "g"});
    CHECK(chat.tools[2] ==
          Tool{.kind = Tool::Kind::hosted, .name = "googleSearch", .raw = R"({"googleSearch":{}})"});
    CHECK(chat.tools[4].raw == R"({"codeExecution":{}})");
    CHECK(chat.tool_choice == ToolChoice{ToolChoice::Mode::named, "g", {}});
    CHECK(request.stream);
    CHECK(request.include_usage);
    CHECK(request.n == 2);
    CHECK(request.sampling == Sampling{.temperature = 0.5,
                                       .top_p = 0.9,
                                       .presence_penalty = 0.1,
                                       .frequency_penalty = -0.1,
                                       .top_k = 40,
                                       .seed = 42,
                                       .max_tokens = 100,
                                       .stop = {"END"},
                                       .logprobs = true,
                                       .top_logprobs = 3});
    CHECK(chat.response_format->kind == ResponseFormat::Kind::json_schema);
    CHECK(chat.response_format->schema == R"({"type":"array","items":{"type":"string"}})");
    CHECK(chat.reasoning_effort == "high");
    CHECK(chat.thinking == Thinking{.show = "auto"});
    std::string kept;
    for (const auto& field : request.extra) kept += field.key + " ";
    CHECK(kept ==
          "tools.note toolConfig.retrievalConfig functionCallingConfig.knob thinkingConfig.odd "
          "generationConfig.speechConfig safetySettings cachedContent labels ");
}

TEST_CASE("gemini: budgets of thinking and formats of answers") {
    const auto config = [](std::string_view inner) {
        return decoded(R"({"contents":[{"parts":[{"text":"x"}]}],"generationConfig":)" + std::string(inner) +
                       "}");
    };
    using Mode = Thinking::Mode;
    CHECK(config(R"({"thinkingConfig":{"thinkingBudget":0}})").chat().thinking.mode == Mode::off);
    CHECK(config(R"({"thinkingConfig":{"thinkingBudget":-1}})").chat().thinking ==
          Thinking{Mode::budget, -1, ""});
    CHECK(config(R"({"thinkingConfig":{"thinkingBudget":99,"includeThoughts":false}})").chat().thinking ==
          Thinking{Mode::budget, 99, "omitted"});
    using Format = ResponseFormat::Kind;
    CHECK(config(R"({"responseMimeType":"application/json"})").chat().response_format->kind ==
          Format::json_object);
    CHECK_FALSE(config(R"({"responseMimeType":"text/plain"})").chat().response_format);
    const auto schema = [&](const std::string& text) {
        const auto request =
            config(R"({"responseMimeType":"application/json","responseJsonSchema":)" + text + "}");
        return request.chat().response_format->schema;
    };
    const std::string plain = R"({"type":"object","properties":{"type":{"type":"string"}},"min_items":"1"})";
    CHECK(schema(plain) == plain);  // as it is
    // The Gemini CLI's own: Google's types in the field for JSON Schema.
    CHECK(schema(R"({"type":"OBJECT","properties":{"n":{"type":"INTEGER"}},"required":["n"]})") ==
          R"({"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]})");
    CHECK(schema(R"({"anyOf":[{"type":"string"},{"type":"NULL"}]})") ==
          R"({"anyOf":[{"type":"string"},{"type":"null"}]})");
    const auto choice = config(R"({"responseMimeType":"text/x.enum","responseSchema":{"type":"STRING"}})");
    CHECK_FALSE(choice.chat().response_format);
    CHECK(choice.extra == std::vector<RawField>{{"generationConfig.responseMimeType", R"("text/x.enum")"}});
}

TEST_CASE("gemini: counting and embedding") {
    const auto count = decoded(R"({"contents":[{"parts":[{"text":"x"}]}]})", call_of(Kind::count));
    CHECK(count.kind == Kind::count);
    CHECK(count.chat().turns.size() == 1);
    const auto inner = decoded(R"({"generateContentRequest":{"model":"models/m","systemInstruction":"s",
        "contents":[{"parts":[{"text":"x"}]}]}})",
                               call_of(Kind::count));
    CHECK(inner.chat().turns.size() == 2);
    const auto one = decoded(
        R"({"content":{"parts":[{"text":"a"},{"text":"b"}]},"taskType":"T","outputDimensionality":8})",
        call_of(Kind::embedding, "embedContent"));
    CHECK(one.embedding() == Embedding{{"ab"}, 8, false});
    CHECK(one.extra == std::vector<RawField>{{"taskType", R"("T")"}});
    const auto batch = decoded(R"({"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]}},
        {"content":{"parts":[{"text":"b"}]}}]})",
                               call_of(Kind::embedding, "batchEmbedContents"));
    CHECK(batch.embedding() == Embedding{{"a", "b"}, std::nullopt, false});
}

}  // namespace gemini_requests_test

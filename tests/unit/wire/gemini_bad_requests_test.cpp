// Requests that are refused, and what is said about them.
#include "base/limits.h"
#include "unit/wire/gemini_common.h"

namespace gemini_bad_requests_test {

using namespace gemini_test;

namespace {
std::string content(std::string_view part) {
    return R"({"contents":[{"parts":[)" + std::string(part) + "]}]}";
}
std::string config(std::string_view inner) {
    return R"({"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{)" + std::string(inner) + "}}";
}
std::string with(std::string_view members) {
    return R"({"contents":[{"parts":[{"text":"x"}]}],)" + std::string(members) + "}";
}
}  // namespace

TEST_CASE("gemini: invalid contents") {
    CHECK(refused("[]") == ": The request's body must be a JSON object.");
    CHECK(refused("{}").starts_with("contents: "));
    CHECK(refused(R"({"contents":[]})") == "contents: 'contents' must not be empty.");
    CHECK(refused(R"({"contents":"x"})").starts_with("contents: 'contents' must be array"));
    CHECK(refused(R"({"contents":[7]})").starts_with("contents[0]: "));
    CHECK(refused(R"({"contents":[{"role":"assistant"}]})") ==
          "contents[0].role: 'contents[0].role' must be 'user' or 'model'.");
    CHECK(refused(R"({"contents":[{"parts":{}}]})").starts_with("contents[0].parts: "));
    CHECK(refused(R"({"contents":[{"parts":[{"text":"x"}]}],"systemInstruction":7})")
              .starts_with("systemInstruction: "));
}

TEST_CASE("gemini: invalid parts") {
    const std::pair<std::string_view, std::string_view> kCases[] = {
        {"7", "contents[0].parts[0]: "},
        {"{}", "contents[0].parts[0]: 'contents[0].parts[0]' holds neither text nor anything else."},
        {R"({"text":7})", "contents[0].parts[0].text: "},
        {R"({"text":"x","thoughtSignature":7})", "contents[0].parts[0].thoughtSignature: "},
        {R"({"inlineData":{"data":"AA=="}})", "contents[0].parts[0].inlineData.mimeType: "},
        {R"({"inlineData":{"mimeType":"image/png"}})", "contents[0].parts[0].inlineData.data: "},
        {R"({"fileData":{"mimeType":"image/png"}})", "contents[0].parts[0].fileData.fileUri: "},
        {R"({"functionCall":{"args":{}}})", "contents[0].parts[0].functionCall.name: "},
        {R"({"functionCall":{"name":"f","args":"x"}})", "contents[0].parts[0].functionCall.args: "},
        {R"({"functionResponse":{"response":{}}})", "contents[0].parts[0].functionResponse.name: "},
        {R"({"functionResponse":{"name":"f","response":"x"}})",
         "contents[0].parts[0].functionResponse.response: "}};
    for (const auto& [part, begin] : kCases) {
        CAPTURE(part);
        CAPTURE(refused(content(part)));
        CHECK(refused(content(part)).starts_with(begin));
    }
    CHECK(refused(content(R"({"functionCall":{"name":")" + std::string(300, 'n') + R"("}})"))
              .ends_with("has 300 bytes, but may have 256."));
}

TEST_CASE("gemini: configuration out of its limits") {
    const std::pair<std::string_view, std::string_view> kCases[] = {
        {R"("temperature":3)", "generationConfig.temperature: "},
        {R"("topP":"x")", "generationConfig.topP: "},
        {R"("topK":-1)", "generationConfig.topK: "},
        {R"("maxOutputTokens":0)", "generationConfig.maxOutputTokens: "},
        {R"("candidateCount":17)", "generationConfig.candidateCount: "},
        {R"("stopSequences":[""])", "generationConfig.stopSequences[0]: "},
        {R"("stopSequences":"x")", "generationConfig.stopSequences: "},
        {R"("logprobs":21)", "generationConfig.logprobs: "},
        {R"("responseSchema":"x")", "generationConfig.responseSchema: "},
        {R"("responseMimeType":7)", "generationConfig.responseMimeType: "},
        {R"("thinkingConfig":{"thinkingBudget":-2})", "generationConfig.thinkingConfig.thinkingBudget: "},
        {R"("thinkingConfig":{"thinkingLevel":"LOTS"})", "generationConfig.thinkingConfig.thinkingLevel: "},
        {R"("thinkingConfig":7)", "generationConfig.thinkingConfig: "}};
    for (const auto& [inner, begin] : kCases) {
        CAPTURE(inner);
        CAPTURE(refused(config(inner)));
        CHECK(refused(config(inner)).starts_with(begin));
    }
}

TEST_CASE("gemini: invalid tools") {
    const std::pair<std::string_view, std::string_view> kCases[] = {
        {R"("tools":{})", "tools: "},
        {R"("tools":[7])", "tools[0]: "},
        {R"("tools":[{"functionDeclarations":[{}]}])", "tools[0].functionDeclarations[0].name: "},
        {R"("tools":[{"functionDeclarations":[{"name":"f","parameters":"x"}]}])",
         "tools[0].functionDeclarations[0].parameters: "},
        {R"("tools":[{"functionDeclarations":{}}])", "tools[0].functionDeclarations: "},
        {R"("toolConfig":{"functionCallingConfig":{"mode":"SOME"}})",
         "toolConfig.functionCallingConfig.mode: "},
        {R"("toolConfig":{"functionCallingConfig":{"mode":"ANY"}})",
         "toolConfig.functionCallingConfig.mode: "},
        {R"("toolConfig":{"functionCallingConfig":{"allowedFunctionNames":["f"]}})",
         "toolConfig.functionCallingConfig.allowedFunctionNames[0]: "}};
    for (const auto& [members, begin] : kCases) {
        CAPTURE(members);
        CAPTURE(refused(with(members)));
        CHECK(refused(with(members)).starts_with(begin));
    }
}

TEST_CASE("gemini: counts have limits") {
    const auto repeated = [](std::string_view one, std::size_t times) {
        std::string out(one);
        for (std::size_t i = 1; i < times; ++i) out += "," + std::string(one);
        return out;
    };
    CHECK(refused(R"({"contents":[)" + repeated(R"({"parts":[{"text":"x"}]})", limits::kMessages + 1) + "]}")
              .starts_with("contents: 'contents' has 20001 entries"));
    CHECK(refused(content(repeated(R"({"text":"x"})", 4097))).starts_with("contents[0].parts: "));
    const auto responses = repeated(R"({"functionResponse":{"name":"f"}})", 4000);
    CHECK(refused(R"({"contents":[)" + repeated(R"({"parts":[)" + responses + "]}", 6) + "]}") ==
          "contents[5]: 'contents' make more than 20000 messages.");
    CHECK(refused(config(R"("stopSequences":[)" + repeated(R"("s")", 65) + "]"))
              .starts_with("generationConfig.stopSequences: "));
    CHECK(refused(with(R"("tools":[{"functionDeclarations":[)" + repeated(R"({"name":"f"})", 2049) + "]}]"))
              .starts_with("tools[0].functionDeclarations: "));
    CHECK(refused(R"({"requests":[)" + repeated(R"({"content":{"parts":[{"text":"x"}]}})", 2049) + "]}",
                  call_of(Kind::embedding, "batchEmbedContents"))
              .starts_with("requests: "));
}

TEST_CASE("gemini: invalid embeddings") {
    const auto one = call_of(Kind::embedding, "embedContent");
    const auto batch = call_of(Kind::embedding, "batchEmbedContents");
    CHECK(refused("{}", one).starts_with("content: "));
    CHECK(refused(R"({"content":{"parts":[{"inlineData":{}}]}})", one) ==
          "content.parts[0]: 'content.parts[0]' has no text: only texts can be embedded here.");
    CHECK(refused(R"({"content":{"parts":[{"text":"x"}]},"outputDimensionality":0})", one)
              .starts_with("outputDimensionality: "));
    CHECK(refused(R"({"requests":[]})", batch) == "requests: 'requests' must not be empty.");
    CHECK(refused(R"({"requests":[{}]})", batch).starts_with("requests[0].content: "));
    CHECK(refused(R"({"requests":[{"content":{"parts":[{"text":"x"}]}},
        {"content":{"parts":[{"text":"x"}]},"outputDimensionality":5}]})",
                  batch) ==
          "requests[1].outputDimensionality: 'requests[1].outputDimensionality' must be the same in all "
          "requests of a "
          "batch.");
    CHECK(refused(R"({"generateContentRequest":7})", call_of(Kind::count))
              .starts_with("generateContentRequest: "));
}

}  // namespace gemini_bad_requests_test

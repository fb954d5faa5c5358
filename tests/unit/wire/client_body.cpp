#include "text/json_writer.h"
#include "unit/wire/conversations.h"
#include "wire/codecs.h"
#include "wire/openai/request.h"

namespace wire_test {

using namespace hearth;
using namespace hearth::exchange;

namespace {

struct Swap {
    std::string_view mark, written, raw;
};

void swap_all(std::string& body, std::span<const Swap> swaps) {
    for (const auto& swap : swaps) {
        for (std::size_t at = 0; (at = body.find(swap.written, at)) != std::string::npos;)
            body.replace(at, swap.written.size(), swap.raw);
    }
}

constexpr Swap kResponses[] = {
    {kForeignMark, R"({"type":"input_text","text":"@@foreign"})",
     R"({"type":"input_video","video_url":"x"})"},
    {kHostedMark, R"({"type":"output_text","text":"@@hosted"})", R"({"type":"web_search_call","id":"ws_1"})"},
};
constexpr Swap kAnthropic[] = {
    {kForeignMark, R"({"type":"text","text":"@@foreign"})", R"({"type":"container_upload","file_id":"f"})"},
    {kHostedMark, R"({"type":"text","text":"@@hosted"})",
     R"({"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}})"},
    {kReferenceMark, R"("content":"@@reference")",
     R"("content":[{"type":"tool_reference","tool_name":"late"}])"},
};
constexpr Swap kGemini[] = {
    {kForeignMark, R"({"text":"@@foreign"})", R"({"inlineData":{"mimeType":"video/mp4","data":"AA=="}})"},
    {kHostedMark, R"({"text":"@@hosted"})", R"({"executableCode":{"language":"PYTHON","code":"x"}})"},
};

void add_tool(std::string& body, std::string_view raw) {
    constexpr std::string_view kTools = "\"tools\":[";
    if (const auto at = body.find(kTools); at != std::string::npos) {
        body.insert(at + kTools.size(), std::string(raw) + ",");
    } else {
        body.insert(1, std::string(kTools) + std::string(raw) + "],");
    }
}

void add_hosted_tool(Dialect dialect, std::string& body) {
    if (dialect == Dialect::responses) add_tool(body, R"({"type":"web_search"})");
    if (dialect == Dialect::anthropic)
        add_tool(body, R"({"type":"web_search_20250305","name":"web_search","max_uses":3})");
    if (dialect == Dialect::gemini) add_tool(body, R"({"googleSearch":{}})");
}

// Anthropic's newest models take a system message among the others; the encoder writes none, for older ones refuse it.
void add_system_in_the_middle(std::string& body) {
    constexpr std::string_view kAnswer = R"({"role":"assistant")";
    if (const auto at = body.find(kAnswer); at != std::string::npos)
        body.insert(at, R"({"role":"system","content":"from now on"},)");
}

}  // namespace

std::string client_body(const Request& request, const wire::Features& wanted) {
    using wire::Feature;
    const auto wants = [&](Feature feature) { return wanted[static_cast<std::size_t>(feature)]; };
    const auto dialect = request.dialect;
    if (dialect == Dialect::openai) return wire::openai::encode_request(request);
    auto body = wire::upstream_codec(dialect)->encode(request, {.reasoning_content = true});
    if (dialect == Dialect::responses) swap_all(body, kResponses);
    if (dialect == Dialect::anthropic) swap_all(body, kAnthropic);
    if (dialect == Dialect::gemini) swap_all(body, kGemini);
    if (wants(Feature::hosted_tool)) add_hosted_tool(dialect, body);
    if (wants(Feature::system_in_the_middle) && dialect == Dialect::anthropic) add_system_in_the_middle(body);
    if (wants(Feature::cache_marks)) body.insert(1, R"("cache_control":{"type":"ephemeral"},)");
    if (wants(Feature::unknown_fields) && dialect != Dialect::ollama) body.insert(1, R"("x_new":[1],)");
    return body;
}

wire::Call Conversation::call(Dialect dialect) const {
    wire::Call out;
    if (dialect != Dialect::gemini) return out;
    out.model = model;
    out.stream = stream;
    return out;
}

}  // namespace wire_test

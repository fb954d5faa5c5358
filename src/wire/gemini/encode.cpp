// Bodies for an upstream, from the top: tools, generationConfig, countTokens, embeddings.
#include "wire/gemini/encode.h"

#include <fmt/format.h>

#include "wire/gemini/path.h"
#include "wire/gemini/request.h"
#include "wire/gemini/schema.h"
#include "wire/gemini/signature.h"

namespace hearth::wire::gemini {

namespace {

using exchange::Kind;
using exchange::Request;
using json::Writer;

// As Google's form where it can say the schema, else in the field for plain JSON Schema.
void write_schema(Writer& w, std::string_view google, std::string_view plain, std::string_view schema,
                  bool keep_empty) {
    json::Document document;
    const auto root = document.parse(schema);
    if (!root || !root->is_object()) return;
    if (!keep_empty && is_empty_object(*root)) return;
    json::Document flat;
    const auto text = without_names(*root);
    const auto inlined = text ? flat.parse(*text) : Result<json::Value>(*root);
    if (inlined && fits_google_schema(*inlined)) {
        w.key(google).raw(inlined->raw());
    } else {
        w.key(plain).raw(without_dialect(*root));
    }
}

void write_choice(Writer& w, const exchange::ToolChoice& choice) {
    using Mode = exchange::ToolChoice::Mode;
    std::string_view mode = "AUTO";
    if (choice.mode == Mode::none) mode = "NONE";
    if (choice.mode == Mode::required || choice.mode == Mode::named) mode = "ANY";
    if (choice.mode == Mode::automatic && !choice.allowed.empty()) mode = "VALIDATED";  // AUTO takes no names
    w.key("toolConfig").begin_object().key("functionCallingConfig").begin_object();
    w.member("mode", mode);
    if (choice.mode == Mode::named || !choice.allowed.empty()) {
        w.key("allowedFunctionNames").begin_array();
        if (choice.mode == Mode::named) w.string(choice.name);
        for (const auto& name : choice.allowed) w.string(name);
        w.end_array();
    }
    w.end_object().end_object();
}

bool is_thinking_always_on(std::string_view model) {
    return model.find("pro") != std::string_view::npos;  // 2.5 Pro and 3 Pro reject thinking being turned off
}

// How many tokens an effort is worth to a model that counts them.
std::int64_t budget_of(std::string_view effort, std::string_view model) {
    if (effort == "none") return is_thinking_always_on(model) ? 128 : 0;
    if (effort == "minimal") return is_thinking_always_on(model) ? 128 : 512;
    if (effort == "low") return 1024;
    if (effort == "medium") return 2048;
    if (effort == "high") return 4096;
    return 8192;  // xhigh, max
}

std::string_view level_of(std::string_view effort, std::string_view model) {
    if (effort == "none" || effort == "minimal") return is_thinking_always_on(model) ? "low" : "minimal";
    return effort == "low" || effort == "medium" ? effort : "high";
}

// thinkingLevel and thinkingBudget exclude each other; from the third generation on the level is the one that counts.
void write_thinking(Writer& w, const exchange::Chat& chat, std::string_view model) {
    using Mode = exchange::Thinking::Mode;
    const auto& thinking = chat.thinking;
    const bool levels = generation(model) >= 3;
    const bool off =
        thinking.mode == Mode::off || (thinking.mode == Mode::unset && chat.reasoning_effort == "none");
    const std::string_view effort = off ? "none" : std::string_view(chat.reasoning_effort);
    if (thinking.mode == Mode::unset && effort.empty() && thinking.show.empty()) return;
    w.key("thinkingConfig").begin_object();
    const bool counted =
        thinking.mode == Mode::budget && thinking.budget_tokens && (!levels || effort.empty());
    if (counted) {
        w.member("thinkingBudget", *thinking.budget_tokens);
    } else if (!effort.empty() && levels) {
        w.member("thinkingLevel", level_of(effort, model));
    } else if (!effort.empty()) {
        w.member("thinkingBudget", budget_of(effort, model));
    } else if (thinking.mode == Mode::adaptive && !levels) {
        w.member("thinkingBudget", -1);
    }
    if (!off || !thinking.show.empty()) w.member("includeThoughts", !off && thinking.show != "omitted");
    w.end_object();
}

void write_format(Writer& w, const exchange::ResponseFormat& format) {
    using Format = exchange::ResponseFormat::Kind;
    if (format.kind == Format::text) return;
    w.member("responseMimeType", "application/json");
    if (!format.schema.empty()) write_schema(w, "responseSchema", "responseJsonSchema", format.schema, true);
}

// Google's seed is an int32; a larger one must not be refused and must stay the same from call to call.
std::int64_t small_seed(std::int64_t seed) {
    const bool fits =
        seed >= std::numeric_limits<std::int32_t>::min() && seed <= std::numeric_limits<std::int32_t>::max();
    return fits ? seed : static_cast<std::int64_t>(static_cast<std::uint64_t>(seed) & 0x7fffffffU);
}

void write_embeddings(Writer& w, const Request& request, std::string_view model) {
    const auto& body = request.embedding();
    w.begin_object().key("requests").begin_array();
    for (const auto& input : body.inputs) {
        const auto* text = std::get_if<std::string>(&input);
        w.begin_object().member("model", resource_name(model));
        w.key("content").begin_object().key("parts").begin_array();
        w.begin_object().member("text", text != nullptr ? *text : std::string()).end_object();
        w.end_array().end_object();
        if (body.dimensions) w.member("outputDimensionality", *body.dimensions);
        w.end_object();
    }
    w.end_array().end_object();
}

}  // namespace

void write_tools(Writer& w, const exchange::Chat& chat) {
    if (!chat.tools.empty()) {
        w.key("tools").begin_array().begin_object().key("functionDeclarations").begin_array();
        for (const auto& tool : chat.tools) {
            w.begin_object().member("name", tool.name);
            if (!tool.description.empty()) w.member("description", tool.description);
            write_schema(w, "parameters", "parametersJsonSchema", tool.parameters, false);
            w.end_object();
        }
        w.end_array().end_object().end_array();
    }
    if (chat.tool_choice) write_choice(w, *chat.tool_choice);
}

void write_generation_config(Writer& w, const Request& request, std::string_view model) {
    const auto& s = request.sampling;
    const auto& chat = request.chat();
    std::string config;
    Writer c(config);
    c.begin_object();
    if (s.temperature) c.member("temperature", *s.temperature);
    if (s.top_p) c.member("topP", *s.top_p);
    if (s.top_k) c.member("topK", *s.top_k);
    if (s.frequency_penalty) c.member("frequencyPenalty", *s.frequency_penalty);
    if (s.presence_penalty) c.member("presencePenalty", *s.presence_penalty);
    if (s.max_tokens) c.member("maxOutputTokens", *s.max_tokens);
    if (!s.stop.empty()) {
        c.key("stopSequences").begin_array();
        for (const auto& stop : s.stop) c.string(stop);
        c.end_array();
    }
    if (request.n != 1) c.member("candidateCount", request.n);
    if (s.seed) c.member("seed", small_seed(*s.seed));
    if (s.logprobs) {
        c.member("responseLogprobs", true);
        if (s.top_logprobs > 0) c.member("logprobs", s.top_logprobs);
    }
    if (chat.response_format) write_format(c, *chat.response_format);
    write_thinking(c, chat, model);
    c.end_object();
    if (config != "{}") w.key("generationConfig").raw(config);
}

std::string encode_request(const Request& request, const UpstreamNeeds& needs) {
    const std::string_view model = needs.model.empty() ? std::string_view(request.model) : needs.model;
    std::string out;
    Writer w(out);
    if (request.kind == Kind::embedding) {
        write_embeddings(w, request, model);
        return out;
    }
    const auto& chat = request.chat();
    w.begin_object();
    // Counted with its system text and tools only as a whole request.
    const bool inner = request.kind == Kind::count;
    if (inner) w.key("generateContentRequest").begin_object().member("model", resource_name(model));
    write_contents(w, request, needs);
    write_tools(w, chat);
    if (!inner) write_generation_config(w, request, model);
    if (inner) w.end_object();
    w.end_object();
    return out;
}

}  // namespace hearth::wire::gemini

#pragma once
// The internal representation of a request: every dialect decodes into it, every dialect and the engine's protocol encode
// from it. Plain data. Unknown fields are kept as raw JSON members in `extra`, marked with the dialect they came
// from.
//
// Facts: OpenAI API reference (chat completions, completions, embeddings, Responses),
// platform.openai.com/docs/api-reference; Anthropic Messages, docs.anthropic.com/en/api/messages; Gemini,
// ai.google.dev/api/generate-content; Ollama, docs/api.md of its repository. How each dialect represents a part:
// docs/dialects.md.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hearth::exchange {

// count: the token count of a chat, without running the model.
// From audio on, only the destination of a request is decoded; the body is passed through (passes_through()).
enum class Kind : std::uint8_t { chat, completion, embedding, count, rerank, audio, image, file, batch };
inline constexpr std::size_t kKinds = 9;
[[nodiscard]] constexpr bool passes_through(Kind kind) {
    return kind >= Kind::audio;
}
enum class Role : std::uint8_t { system, developer, user, assistant, tool };
// A family of endpoints with one format: the index of its row in wire/dialects.cpp, which has its name and all else. llama
// is llama.cpp's own (/completion, /infill), engine is Hearth's own.
enum class Dialect : std::uint8_t { openai, responses, anthropic, gemini, ollama, llama, engine };
[[nodiscard]] std::string_view kind_name(Kind kind);  // "chat"

// Raw JSON members `"key":value` without a field of their own here. Kept in order; forwarded to the same dialect
// only.
struct RawField {
    std::string key;   // unescaped
    std::string json;  // the value's text
    bool operator==(const RawField&) const = default;
};

// Data that only its origin can read: a thinking signature, encrypted reasoning, a thought signature. It is sent back to
// that origin only (wire/opaque.h).
struct Opaque {
    std::string data;
    std::string origin;  // provider id; empty: unmarked, in the dialect of the request
    [[nodiscard]] bool empty() const { return data.empty() && origin.empty(); }
    bool operator==(const Opaque&) const = default;
};

struct Text {
    std::string text;
    std::vector<RawField> extra;  // cache control and similar
    bool operator==(const Text&) const = default;
};
struct Image {
    std::string url;         // http(s) URL, or empty when data is set
    std::string media_type;  // "image/png", when data is set
    std::string data;        // base64 as received
    std::string detail;      // "auto" | "low" | "high" | ""
    std::string file_id;     // of a file kept at the provider, when neither url nor data is set
    std::vector<RawField> extra;
    bool operator==(const Image&) const = default;
};
struct Audio {
    std::string format;  // "wav" | "mp3"
    std::string data;    // base64 as received
    std::vector<RawField> extra;
    bool operator==(const Audio&) const = default;
};
struct File {
    std::string name, id, data;  // data: a data: URL or base64, as received
    std::string url;             // http(s), or a provider's own (gs://)
    std::string media_type;      // "application/pdf"; empty: unknown
    std::string text;            // a document given as plain text; data is empty then
    std::vector<RawField> extra;
    bool operator==(const File&) const = default;
};
struct Refusal {
    std::string text;
    bool operator==(const Refusal&) const = default;
};
// A part of an unsupported kind (video, vendor-specific): forwarded to the same dialect only, rejected
// otherwise.
struct Foreign {
    std::string type;
    std::string json;  // the whole part
    bool operator==(const Foreign&) const = default;
};
// Thinking. text empty and opaque set: redacted or encrypted, no readable text.
struct Reasoning {
    std::string text;
    Opaque opaque;
    bool operator==(const Reasoning&) const = default;
};
// In a tool's result: a deferred tool becomes available from here on (Anthropic's tool_reference).
struct ToolReference {
    std::string name;
    bool operator==(const ToolReference&) const = default;
};
struct ToolCall {
    std::string id, name;
    std::string
        arguments;  // JSON text as the model wrote it; may be invalid JSON. Custom call: its free-form input
    bool custom = false;  // a call of a Tool::Kind::custom
    std::vector<RawField> extra;
    Opaque opaque{};  // Gemini's thought signature of a call
    bool operator==(const ToolCall&) const = default;
};
using Part = std::variant<Text, Image, Audio, File, Refusal, Reasoning, ToolCall, ToolReference, Foreign>;

struct Turn {
    Role role = Role::user;
    std::string name;          // participant name, optional
    std::string tool_call_id;  // role tool: which call this answers
    bool is_error = false;     // role tool: the tool failed
    std::vector<Part> parts;
    std::vector<RawField> extra;
    bool operator==(const Turn&) const = default;
};

struct Tool {
    // function: arguments by schema. custom: one free-form string. hosted: run by the vendor (web search and
    // similar).
    enum class Kind : std::uint8_t { function, custom, hosted } kind = Kind::function;
    std::string name, description;  // hosted: name is the wire format's type
    std::string
        parameters;  // JSON Schema text; empty = no arguments. custom: its `format` object as Responses has it, or empty
    bool strict = false;
    std::string raw;  // hosted: the whole tool as received
    // Not offered to the model until a ToolReference names it (Anthropic's defer_loading).
    bool deferred = false;
    // Responses: the tool's namespace and its name there; `name` is then unique among all tools and
    // fits every dialect ("namespace__name").
    std::string space, own_name;
    std::vector<RawField> extra;
    bool operator==(const Tool&) const = default;
};
struct ToolChoice {
    enum class Mode : std::uint8_t { automatic, none, required, named } mode = Mode::automatic;
    std::string name;                  // Mode::named
    std::vector<std::string> allowed;  // automatic, required: only these tools; empty = all
    bool operator==(const ToolChoice&) const = default;
};
struct ResponseFormat {
    enum class Kind : std::uint8_t { text, json_object, json_schema } kind = Kind::text;
    std::string name, description;  // json_schema
    std::string schema;  // JSON Schema text; json_object may carry one too (llama.cpp, Fireworks, Together)
    bool strict = false;
    bool operator==(const ResponseFormat&) const = default;
};

// Unset means: the model's or the provider's default.
struct Sampling {
    std::optional<double> temperature, top_p, min_p, presence_penalty, frequency_penalty, repeat_penalty;
    std::optional<std::int64_t> top_k, seed;
    std::optional<std::int64_t> max_tokens;  // of output, reasoning included
    std::vector<std::string> stop;
    std::vector<std::pair<std::int64_t, double>> logit_bias;  // token id -> bias, -100..100
    bool logprobs = false;
    std::int64_t top_logprobs = 0;  // 0..20
    bool ignore_eos = false;        // for benchmarks only
    std::string grammar;            // GBNF, local only
    bool operator==(const Sampling&) const = default;
};

// How much a model may reason, and whether the reasoning is returned.
struct Thinking {
    enum class Mode : std::uint8_t { unset, off, adaptive, budget } mode = Mode::unset;
    std::optional<std::int64_t> budget_tokens;  // Mode::budget; -1: the model decides (Gemini)
    // "": unspecified. "omitted": none. "auto", "concise", "detailed": Responses' summaries. "full": unabridged.
    std::string show;
    bool operator==(const Thinking&) const = default;
};

struct Chat {
    std::vector<Turn> turns;
    std::vector<Tool> tools;
    std::optional<ToolChoice> tool_choice;
    std::optional<bool> parallel_tool_calls;
    std::optional<ResponseFormat> response_format;
    std::string reasoning_effort;  // "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max" | ""
    Thinking thinking;
    std::string verbosity;          // "low" | "medium" | "high" | "": desired length of the answer
    bool legacy_functions = false;  // the client used `functions`/`function_call`; the answer does too
    bool operator==(const Chat&) const = default;
};

using TokenIds = std::vector<std::int32_t>;
struct Completion {
    std::vector<std::variant<std::string, TokenIds>> prompts;  // at least one
    std::optional<std::string> suffix;                         // set: fill-in-the-middle
    bool echo = false;
    bool operator==(const Completion&) const = default;
};

struct Embedding {
    std::vector<std::variant<std::string, TokenIds>> inputs;
    std::optional<std::int64_t> dimensions;
    bool base64 = false;  // encoding_format
    bool operator==(const Embedding&) const = default;
};

// Ranks documents by relevance to a query.
struct Rerank {
    std::string query;
    std::vector<std::string> documents;
    std::optional<std::int64_t> top_n;
    bool return_documents = false;
    bool operator==(const Rerank&) const = default;
};

struct Request {
    Kind kind = Kind::chat;
    Dialect dialect = Dialect::openai;
    std::string model;  // as sent by the client
    bool stream = false;
    bool include_usage = false;  // stream_options.include_usage
    std::int64_t n = 1;          // choices
    std::string user;
    Sampling sampling;
    std::variant<Chat, Completion, Embedding, Rerank> body;  // Kind::count: Chat
    std::optional<std::int64_t>
        keep_alive_s;  // extension (Ollama): unload after so many idle seconds; <0 = never
    std::optional<std::int64_t> context_tokens;  // extension: num_ctx
    std::string cache_key;      // prompt_cache_key: requests with a common prefix share a key
    std::optional<bool> store;  // whether the vendor may store the answer
    std::string previous_id;    // Responses: continues that answer
    bool compact = false;       // Responses: the answer is one item that replaces the conversation
    std::vector<RawField> extra;
    bool operator==(const Request&) const = default;

    [[nodiscard]] const Chat& chat() const { return std::get<Chat>(body); }
    [[nodiscard]] const Completion& completion() const { return std::get<Completion>(body); }
    [[nodiscard]] const Embedding& embedding() const { return std::get<Embedding>(body); }
    [[nodiscard]] const Rerank& rerank() const { return std::get<Rerank>(body); }
};

// The requirements of a request that routing considers, without its content.
struct Needs {
    bool tools = false, images = false, audio = false, files = false, json_schema = false, suffix = false;
    bool forced_tool = false;              // one of the tools must be called
    bool several_choices = false;          // n > 1
    std::int64_t approx_input_tokens = 0;  // bytes / 4, an estimate that is never used for accounting
    std::int64_t max_output_tokens = 0;    // 0 = unset
};
[[nodiscard]] Needs needs_of(const Request& request);

}  // namespace hearth::exchange

#pragma once
// The single list of fields for each message, used by both encoder and decoder, so that they cannot diverge.
// Describe<T>::fields(a) calls a.field("name", &T::member[, limit]) for each; limit is the maximum number of elements
// of a list or of bytes of a string.
#include <array>
#include <string_view>

#include "base/limits.h"
#include "engine/protocol/message.h"

namespace hearth::engine::detail {

template <class T>
struct Describe;  // specialised for every struct in a message

template <class E>
struct
    EnumNames;  // specialised for every enum but Dialect, which is a number: `names`, in the order of its values

template <class V>
struct VariantNames;  // specialised for every variant of structs: `names`, in the order of its alternatives

inline constexpr std::size_t kTexts = limits::kEngineFrameBytes;  // strings are limited by their frame
inline constexpr std::size_t kLists = limits::kJsonNodes;

using namespace exchange;

// How many members T has, found by how many initializers it takes, and how many Describe<T> lists: the two must be
// equal, so a field added to an exchange type is a build error here and not silently lost between gateway and worker.
struct AnyValue {
    template <class T>
    constexpr operator T() const {  // never called
        return T{};
    }
};
template <class T, class... Taken>
consteval std::size_t member_count() {
    if constexpr (requires { T{Taken{}..., AnyValue{}}; }) return member_count<T, Taken..., AnyValue>();
    return sizeof...(Taken);
}
struct FieldCounter {
    std::size_t count = 0;
    constexpr void field(std::string_view, auto, std::size_t = 0) { ++count; }
};
template <class T>
consteval std::size_t described_count() {
    FieldCounter counter;
    Describe<T>::fields(counter);
    return counter.count;
}

// ---- exchange/request.h
template <>
struct EnumNames<exchange::Kind> {
    static constexpr std::array names{"chat",  "completion", "embedding", "count", "rerank",
                                      "audio", "image",      "file",      "batch"};
};
template <>
struct EnumNames<Role> {
    static constexpr std::array names{"system", "developer", "user", "assistant", "tool"};
};
template <>
struct EnumNames<ToolChoice::Mode> {
    static constexpr std::array names{"automatic", "none", "required", "named"};
};
template <>
struct EnumNames<Tool::Kind> {
    static constexpr std::array names{"function", "custom", "hosted"};
};
template <>
struct EnumNames<ResponseFormat::Kind> {
    static constexpr std::array names{"text", "json_object", "json_schema"};
};
template <>
struct VariantNames<Part> {
    static constexpr std::array names{"text",      "image",     "audio",          "file",   "refusal",
                                      "reasoning", "tool_call", "tool_reference", "foreign"};
};
template <>
struct VariantNames<decltype(Request::body)> {
    static constexpr std::array names{"chat", "completion", "embedding", "rerank"};
};
template <>
struct EnumNames<Thinking::Mode> {
    static constexpr std::array names{"unset", "off", "adaptive", "budget"};
};
template <>
struct Describe<Opaque> {
    static constexpr void fields(auto& a) {
        a.field("data", &Opaque::data);
        a.field("origin", &Opaque::origin);
    }
};
template <>
struct Describe<RawField> {
    static constexpr void fields(auto& a) {
        a.field("key", &RawField::key);
        a.field("json", &RawField::json);
    }
};
template <>
struct Describe<Text> {
    static constexpr void fields(auto& a) {
        a.field("text", &Text::text);
        a.field("extra", &Text::extra);
    }
};
template <>
struct Describe<Image> {
    static constexpr void fields(auto& a) {
        a.field("url", &Image::url);
        a.field("media_type", &Image::media_type);
        a.field("data", &Image::data);
        a.field("detail", &Image::detail);
        a.field("file_id", &Image::file_id);
        a.field("extra", &Image::extra);
    }
};
template <>
struct Describe<Audio> {
    static constexpr void fields(auto& a) {
        a.field("format", &Audio::format);
        a.field("data", &Audio::data);
        a.field("extra", &Audio::extra);
    }
};
template <>
struct Describe<File> {
    static constexpr void fields(auto& a) {
        a.field("name", &File::name);
        a.field("id", &File::id);
        a.field("data", &File::data);
        a.field("url", &File::url);
        a.field("media_type", &File::media_type);
        a.field("text", &File::text);
        a.field("extra", &File::extra);
    }
};
template <>
struct Describe<Refusal> {
    static constexpr void fields(auto& a) { a.field("text", &Refusal::text); }
};
template <>
struct Describe<Reasoning> {
    static constexpr void fields(auto& a) {
        a.field("text", &Reasoning::text);
        a.field("opaque", &Reasoning::opaque);
    }
};
template <>
struct Describe<ToolReference> {
    static constexpr void fields(auto& a) { a.field("name", &ToolReference::name); }
};
template <>
struct Describe<Foreign> {
    static constexpr void fields(auto& a) {
        a.field("type_name", &Foreign::type);
        a.field("json", &Foreign::json);
    }
};
template <>
struct Describe<ToolCall> {
    static constexpr void fields(auto& a) {
        a.field("id", &ToolCall::id);
        a.field("name", &ToolCall::name);
        a.field("arguments", &ToolCall::arguments);
        a.field("custom", &ToolCall::custom);
        a.field("opaque", &ToolCall::opaque);
        a.field("extra", &ToolCall::extra);
    }
};
template <>
struct Describe<Turn> {
    static constexpr void fields(auto& a) {
        a.field("role", &Turn::role);
        a.field("name", &Turn::name);
        a.field("tool_call_id", &Turn::tool_call_id);
        a.field("is_error", &Turn::is_error);
        a.field("parts", &Turn::parts);
        a.field("extra", &Turn::extra);
    }
};
template <>
struct Describe<Tool> {
    static constexpr void fields(auto& a) {
        a.field("kind", &Tool::kind);
        a.field("name", &Tool::name);
        a.field("description", &Tool::description);
        a.field("parameters", &Tool::parameters);
        a.field("strict", &Tool::strict);
        a.field("raw", &Tool::raw);
        a.field("deferred", &Tool::deferred);
        a.field("space", &Tool::space);
        a.field("own_name", &Tool::own_name);
        a.field("extra", &Tool::extra);
    }
};
template <>
struct Describe<ToolChoice> {
    static constexpr void fields(auto& a) {
        a.field("mode", &ToolChoice::mode);
        a.field("name", &ToolChoice::name);
        a.field("allowed", &ToolChoice::allowed, limits::kTools);
    }
};
template <>
struct Describe<ResponseFormat> {
    static constexpr void fields(auto& a) {
        a.field("kind", &ResponseFormat::kind);
        a.field("name", &ResponseFormat::name);
        a.field("description", &ResponseFormat::description);
        a.field("schema", &ResponseFormat::schema);
        a.field("strict", &ResponseFormat::strict);
    }
};
template <>
struct Describe<Sampling> {
    static constexpr void fields(auto& a) {
        a.field("temperature", &Sampling::temperature);
        a.field("top_p", &Sampling::top_p);
        a.field("min_p", &Sampling::min_p);
        a.field("presence_penalty", &Sampling::presence_penalty);
        a.field("frequency_penalty", &Sampling::frequency_penalty);
        a.field("repeat_penalty", &Sampling::repeat_penalty);
        a.field("top_k", &Sampling::top_k);
        a.field("seed", &Sampling::seed);
        a.field("max_tokens", &Sampling::max_tokens);
        a.field("stop", &Sampling::stop, limits::kStops);
        a.field("logit_bias", &Sampling::logit_bias);
        a.field("logprobs", &Sampling::logprobs);
        a.field("top_logprobs", &Sampling::top_logprobs);
        a.field("ignore_eos", &Sampling::ignore_eos);
        a.field("grammar", &Sampling::grammar);
    }
};
template <>
struct Describe<Thinking> {
    static constexpr void fields(auto& a) {
        a.field("mode", &Thinking::mode);
        a.field("budget_tokens", &Thinking::budget_tokens);
        a.field("show", &Thinking::show);
    }
};
template <>
struct Describe<Chat> {
    static constexpr void fields(auto& a) {
        a.field("turns", &Chat::turns, limits::kMessages);
        a.field("tools", &Chat::tools, limits::kTools);
        a.field("tool_choice", &Chat::tool_choice);
        a.field("parallel_tool_calls", &Chat::parallel_tool_calls);
        a.field("response_format", &Chat::response_format);
        a.field("reasoning_effort", &Chat::reasoning_effort);
        a.field("thinking", &Chat::thinking);
        a.field("verbosity", &Chat::verbosity);
        a.field("legacy_functions", &Chat::legacy_functions);
    }
};
template <>
struct Describe<Completion> {
    static constexpr void fields(auto& a) {
        a.field("prompts", &Completion::prompts, limits::kEmbeddingInputs);
        a.field("suffix", &Completion::suffix);
        a.field("echo", &Completion::echo);
    }
};
template <>
struct Describe<Embedding> {
    static constexpr void fields(auto& a) {
        a.field("inputs", &Embedding::inputs, limits::kEmbeddingInputs);
        a.field("dimensions", &Embedding::dimensions);
        a.field("base64", &Embedding::base64);
    }
};
template <>
struct Describe<Rerank> {
    static constexpr void fields(auto& a) {
        a.field("query", &Rerank::query);
        a.field("documents", &Rerank::documents, limits::kEmbeddingInputs);
        a.field("top_n", &Rerank::top_n);
        a.field("return_documents", &Rerank::return_documents);
    }
};
template <>
struct Describe<Request> {
    static constexpr void fields(auto& a) {
        a.field("kind", &Request::kind);
        a.field("dialect", &Request::dialect);
        a.field("model", &Request::model, limits::kModelNameBytes);
        a.field("stream", &Request::stream);
        a.field("include_usage", &Request::include_usage);
        a.field("n", &Request::n);
        a.field("user", &Request::user);
        a.field("sampling", &Request::sampling);
        a.field("body", &Request::body);
        a.field("keep_alive_s", &Request::keep_alive_s);
        a.field("context_tokens", &Request::context_tokens);
        a.field("cache_key", &Request::cache_key);
        a.field("store", &Request::store);
        a.field("previous_id", &Request::previous_id);
        a.field("compact", &Request::compact);
        a.field("extra", &Request::extra);
    }
};

}  // namespace hearth::engine::detail

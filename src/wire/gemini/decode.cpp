// The bodies of the endpoints, from the top.
#include "wire/gemini/decode.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "wire/gemini/path.h"
#include "wire/gemini/request.h"

namespace hearth::wire::gemini {

namespace {

using exchange::Kind;
using exchange::Request;
using json::Value;

bool read_chat(Reader& r, Value root, const Path& path, Request& out) {
    auto& chat = std::get<exchange::Chat>(out.body);
    const Value contents = field(root, "contents");
    if (!contents || contents.is_null()) return r.missing(path.at("contents"));
    if (!read_system(r, field(root, "systemInstruction"), path.at("systemInstruction"), chat)) return false;
    if (!read_contents(r, contents, path.at("contents"), chat)) return false;
    if (!read_tools(r, field(root, "tools"), path.at("tools"), out)) return false;
    if (!read_tool_config(r, field(root, "toolConfig"), path.at("toolConfig"), out)) return false;
    if (!read_generation_config(r, field(root, "generationConfig"), path.at("generationConfig"), out))
        return false;
    keep_others(out.extra, root, {},
                {"contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "model"});
    return true;
}

// countTokens: the contents alone, or a whole request in generateContentRequest.
bool read_count(Reader& r, Value root, const Path& path, Request& out) {
    const Value inner = field(root, "generateContentRequest");
    if (!inner || inner.is_null()) return read_chat(r, root, path, out);
    const Path at = path.at("generateContentRequest");
    return r.object(inner, at) && read_chat(r, inner, at, out);
}

// The text of one content; embeddings of anything else have no form here.
bool read_embedded_text(Reader& r, Value content, const Path& path, std::string& out) {
    if (content.is_string()) {
        out = content.as_string();
        return true;
    }
    if (!r.object(content, path)) return false;
    const Value parts = field(content, "parts");
    const Path list = path.at("parts");
    if (!parts) return r.missing(list);
    if (!within(r, parts, list, kParts)) return false;
    std::size_t index = 0;
    for (const Value part : parts.elements()) {
        const Path at = list.at(index++);
        if (!part.is_object()) return r.wrong_type(part, "object", at);
        const Value text = field(part, "text");
        if (!text) {
            return r.fail(at, fmt::format("'{}' has no text: only texts can be embedded here.", at.text()),
                          Code::unsupported);
        }
        if (!text.is_string()) return r.wrong_type(text, "string", at.at("text"));
        out += text.as_string();
    }
    return true;
}

bool read_embedding(Reader& r, Value one, const Path& path, bool first, Request& out) {
    auto& body = std::get<exchange::Embedding>(out.body);
    if (!one.is_object()) return r.wrong_type(one, "object", path);
    std::string text;
    const Value content = field(one, "content");
    if (!content) return r.missing(path.at("content"));
    if (!read_embedded_text(r, content, path.at("content"), text)) return false;
    body.inputs.emplace_back(std::move(text));
    std::optional<std::int64_t> dimensions;
    const Path at = path.at("outputDimensionality");
    if (!r.integer(field(one, "outputDimensionality"), at, dimensions, {1, 1 << 20})) return false;
    if (first) {
        body.dimensions = dimensions;
        keep_others(out.extra, one, {}, {"model", "content", "outputDimensionality"});
    } else if (body.dimensions != dimensions) {
        return r.fail(at, fmt::format("'{}' must be the same in all requests of a batch.", at.text()));
    }
    return true;
}

bool read_embeddings(Reader& r, Value root, const Path& path, Request& out) {
    const Path list = path.at("requests");
    const Value requests = field(root, "requests");
    if (!requests || requests.is_null()) return r.missing(list);
    if (!within(r, requests, list, limits::kEmbeddingInputs)) return false;
    if (requests.size() == 0) return r.fail(list, "'requests' must not be empty.");
    std::size_t index = 0;
    for (const Value one : requests.elements()) {
        const Path at = list.at(index);
        if (!read_embedding(r, one, at, index == 0, out)) return false;
        ++index;
    }
    return true;
}

}  // namespace

bool within(Reader& reader, Value array, const Path& path, std::size_t most) {
    if (!array.is_array()) return reader.wrong_type(array, "array", path);
    if (array.size() <= most) return true;
    return reader.fail(path,
                       fmt::format("'{}' has {} entries, but may have {}.", path.text(), array.size(), most));
}

Result<Request> decode_request(const Call& call, const json::Document& document) {
    Reader reader;
    const Path top;
    const Value root = document.root();
    Request out;
    out.kind = call.kind;
    out.dialect = exchange::Dialect::gemini;
    out.model = call.model;
    out.stream = call.stream.value_or(false);
    out.include_usage = out.stream;  // every stream of this dialect ends with its usage
    bool ok = root.is_object();
    if (!ok) return fail(Code::invalid_request, "The request's body must be a JSON object.");
    if (out.model.empty()) ok = reader.string(field(root, "model"), top.at("model"), out.model);
    if (call.kind == Kind::embedding) {
        out.body = exchange::Embedding{};
        ok = ok && (call.endpoint == kBatchEmbed ? read_embeddings(reader, root, top, out)
                                                 : read_embedding(reader, root, top, true, out));
    } else {
        out.body = exchange::Chat{};
        ok = ok && (call.kind == Kind::count ? read_count(reader, root, top, out)
                                             : read_chat(reader, root, top, out));
    }
    if (!ok) return fail(std::move(*reader.error));
    return out;
}

}  // namespace hearth::wire::gemini

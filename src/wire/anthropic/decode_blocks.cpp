// Content blocks.
#include <fmt/format.h>

#include "wire/anthropic/decode.h"
#include "wire/anthropic/words.h"
#include "wire/opaque.h"

namespace hearth::wire::anthropic {

namespace {

using exchange::Foreign;
using exchange::Part;
using json::Value;

bool read_text(Reader& r, Value block, const Path& path, std::vector<Part>& out) {
    exchange::Text text;
    const Value value = block["text"];
    if (!value) return r.missing(path.at("text"));
    if (!value.is_string()) return r.wrong_type(value, "string", path.at("text"));
    text.text = value.as_string();
    keep_unknown(text.extra, block, {}, {"type", "text"});
    out.emplace_back(std::move(text));
    return true;
}

bool read_image(Reader& r, Value block, const Path& path, std::vector<Part>& out) {
    exchange::Image image;
    const Value source = block["source"];
    const Path at = path.at("source");
    std::string type;
    if (!r.object(source, at)) return false;
    if (!r.name(source["type"], at.at("type"), type)) return false;
    if (type == "base64") {
        if (!r.name(source["media_type"], at.at("media_type"), image.media_type)) return false;
        if (!r.name(source["data"], at.at("data"), image.data)) return false;
    } else if (type == "url") {
        if (!r.name(source["url"], at.at("url"), image.url)) return false;
    } else if (type == "file") {
        if (!r.name(source["file_id"], at.at("file_id"), image.file_id)) return false;
    } else {
        out.emplace_back(Foreign{"image", std::string(block.raw())});
        return true;
    }
    keep_unknown(image.extra, block, {}, {"type", "source"});
    out.emplace_back(std::move(image));
    return true;
}

// A document made of content blocks: its text when it is all text, else nothing.
std::optional<std::string> text_of(Value content) {
    if (content.is_string()) return std::string(content.as_string());
    std::string out;
    for (const Value block : content.elements()) {
        if (block["type"].as_string() != "text" || !block["text"].is_string()) return std::nullopt;
        if (!out.empty()) out += '\n';
        out += block["text"].as_string();
    }
    return content.is_array() ? std::optional(std::move(out)) : std::nullopt;
}

bool read_document(Reader& r, Value block, const Path& path, std::vector<Part>& out) {
    exchange::File file;
    const Value source = block["source"];
    const Path at = path.at("source");
    std::string type;
    if (!r.object(source, at)) return false;
    if (!r.name(source["type"], at.at("type"), type)) return false;
    if (!r.string(source["media_type"], at.at("media_type"), file.media_type)) return false;
    std::optional<std::string> words;
    if (type == "base64") {
        if (!r.name(source["data"], at.at("data"), file.data)) return false;
    } else if (type == "text") {
        if (!r.name(source["data"], at.at("data"), file.text)) return false;
    } else if (type == "url") {
        if (!r.name(source["url"], at.at("url"), file.url)) return false;
    } else if (type == "file") {
        if (!r.name(source["file_id"], at.at("file_id"), file.id)) return false;
    } else if (words = type == "content" ? text_of(source["content"]) : std::nullopt;
               words && !words->empty()) {
        file.text = std::move(*words);
        file.media_type = "text/plain";
    } else {
        out.emplace_back(Foreign{"document", std::string(block.raw())});
        return true;
    }
    if (!r.string(block["title"], path.at("title"), file.name)) return false;
    keep_unknown(file.extra, block, {}, {"type", "source", "title"});
    out.emplace_back(std::move(file));
    return true;
}

bool read_thinking(Reader& r, Value block, const Path& path, std::vector<Part>& out) {
    exchange::Reasoning reasoning;
    std::string signature;
    if (!r.string(block["thinking"], path.at("thinking"), reasoning.text)) return false;
    if (!r.string(block["signature"], path.at("signature"), signature)) return false;
    reasoning.opaque = unseal(signature);
    auto& [data, origin] = reasoning.opaque;
    if (!origin.empty() && data.starts_with(kWithheld)) {
        if (reasoning.text.empty()) reasoning.text = data.substr(kWithheld.size());
        data.clear();
    }
    if (!reasoning.text.empty() || !reasoning.opaque.empty()) out.emplace_back(std::move(reasoning));
    return true;
}

bool read_redacted(Reader& r, Value block, const Path& path, std::vector<Part>& out) {
    std::string data;
    if (!r.string(block["data"], path.at("data"), data)) return false;
    if (data.empty()) return true;
    exchange::Reasoning reasoning;
    reasoning.opaque = unseal(data);
    if (reasoning.opaque.origin.empty()) reasoning.opaque.data.insert(0, kRedacted);
    out.emplace_back(std::move(reasoning));
    return true;
}

bool read_call(Reader& r, Value block, const Path& path, std::vector<Part>& out) {
    exchange::ToolCall call;
    if (!r.name(block["id"], path.at("id"), call.id)) return false;
    if (!r.name(block["name"], path.at("name"), call.name)) return false;
    if (!r.object_text(block["input"], path.at("input"), call.arguments)) return false;
    if (call.arguments.empty()) call.arguments = "{}";
    keep_unknown(call.extra, block, {}, {"type", "id", "name", "input"});
    out.emplace_back(std::move(call));
    return true;
}

bool read_reference(Reader& r, Value block, const Path& path, std::vector<Part>& out) {
    exchange::ToolReference reference;
    if (!r.name(block["tool_name"], path.at("tool_name"), reference.name)) return false;
    out.emplace_back(std::move(reference));
    return true;
}

struct Block {
    std::string_view type;
    bool (*read)(Reader& reader, Value block, const Path& path, std::vector<Part>& out);
};
constexpr Block kKnown[] = {
    {"text", read_text},
    {"image", read_image},
    {"document", read_document},
    {"thinking", read_thinking},
    {"tool_use", read_call},
    {"redacted_thinking", read_redacted},
    {"tool_reference", read_reference},
};

}  // namespace

bool read_type(Reader& reader, Value block, const Path& path, std::string& out) {
    if (!block.is_object()) return reader.wrong_type(block, "object", path);
    return reader.name(block["type"], path.at("type"), out);
}

bool too_many_blocks(Reader& reader, Value value, const Path& path) {
    if (value.size() <= kBlocks) return false;
    reader.fail(path,
                fmt::format("'{}' has {} blocks, but may have {}.", path.text(), value.size(), kBlocks));
    return true;
}

bool read_block(Reader& reader, Value block, const Path& path, std::vector<Part>& out) {
    std::string type;
    if (!read_type(reader, block, path, type)) return false;
    const auto known = std::ranges::find(kKnown, std::string_view(type), &Block::type);
    if (known != std::end(kKnown)) return known->read(reader, block, path, out);
    if (type == "tool_result") {
        return reader.fail(path.at("type"),
                           "Only messages with the role 'user' may have 'tool_result' blocks.");
    }
    out.emplace_back(Foreign{std::move(type), std::string(block.raw())});
    return true;
}

bool read_blocks(Reader& reader, Value value, const Path& path, std::vector<Part>& out) {
    if (value.is_string()) {
        if (!value.as_string().empty()) out.emplace_back(exchange::Text{std::string(value.as_string()), {}});
        return true;
    }
    if (!value.is_array()) return reader.wrong_type(value, "string or an array of blocks", path);
    if (too_many_blocks(reader, value, path)) return false;
    std::size_t index = 0;
    for (const Value block : value.elements()) {
        if (!read_block(reader, block, path.at(index++), out)) return false;
    }
    return true;
}

}  // namespace hearth::wire::anthropic

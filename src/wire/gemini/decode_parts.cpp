// Parts of a content: texts, thoughts, media, calls.
#include <fmt/format.h>

#include "wire/gemini/decode.h"
#include "wire/gemini/signature.h"

namespace hearth::wire::gemini {

namespace {

using exchange::Part;
using json::Value;

// Fields that say something about a part whatever its kind is.
constexpr std::string_view kBeside[] = {"thought", "thoughtSignature", "videoMetadata", "mediaResolution",
                                        "partMetadata"};

void push_signature(std::vector<Part>& out, exchange::Opaque signature) {
    if (!signature.empty()) out.emplace_back(exchange::Reasoning{{}, std::move(signature)});
}

// Clients send thoughts back in the pieces in which they came: together they are one block, which its signature ends.
void push_thought(std::vector<Part>& out, std::string_view text, exchange::Opaque signature) {
    auto* open = out.empty() ? nullptr : std::get_if<exchange::Reasoning>(&out.back());
    if (open != nullptr && open->opaque.empty()) {
        open->text += text;
        open->opaque = std::move(signature);
    } else if (!text.empty() || !signature.empty()) {
        out.emplace_back(exchange::Reasoning{std::string(text), std::move(signature)});
    }
}

bool read_text(Reader& r, Value part, Value text, const Path& path, exchange::Opaque signature,
               std::vector<Part>& out) {
    if (!text.is_string()) return r.wrong_type(text, "string", path.at("text"));
    if (field(part, "thought").as_bool() == true) {
        push_thought(out, text.as_string(), std::move(signature));
        return true;
    }
    if (!text.as_string().empty()) {
        exchange::Text made{std::string(text.as_string()), {}};
        keep_others(made.extra, part, {}, {"text", "thought", "thoughtSignature"});
        out.emplace_back(std::move(made));
    }
    push_signature(out, std::move(signature));
    return true;
}

std::string audio_format(std::string_view type) {
    type.remove_prefix(std::string_view("audio/").size());
    if (type == "mpeg" || type == "mp3") return "mp3";
    if (type == "x-wav" || type == "wave" || type == "vnd.wave") return "wav";
    return std::string(type);
}

Part media_part(std::string type, std::string data, std::string name, std::vector<exchange::RawField> extra) {
    if (type.starts_with("image/")) {
        return exchange::Image{
            .media_type = std::move(type), .data = std::move(data), .extra = std::move(extra)};
    }
    if (type.starts_with("audio/"))
        return exchange::Audio{audio_format(type), std::move(data), std::move(extra)};
    return exchange::File{.name = std::move(name),
                          .data = std::move(data),
                          .media_type = std::move(type),
                          .extra = std::move(extra)};
}

bool read_inline(Reader& r, Value part, Value blob, const Path& path, std::vector<Part>& out) {
    std::string type, data, name;
    if (!r.object(blob, path)) return false;
    if (!r.name(field(blob, "mimeType"), path.at("mimeType"), type)) return false;
    if (!r.name(field(blob, "data"), path.at("data"), data)) return false;
    if (!r.string(field(blob, "displayName"), path.at("displayName"), name)) return false;
    if (type.starts_with("video/")) {
        out.emplace_back(exchange::Foreign{"video", std::string(part.raw())});
        return true;
    }
    std::vector<exchange::RawField> extra;
    keep_others(extra, blob, "inlineData", {"mimeType", "data", "displayName"});
    keep_others(extra, part, {}, {"inlineData", "thought", "thoughtSignature"});
    out.push_back(media_part(std::move(type), std::move(data), std::move(name), std::move(extra)));
    return true;
}

// A file that Google keeps: its URI is that of the Files API, and means nothing elsewhere.
bool is_kept_file(std::string_view uri) {
    return uri.starts_with("files/") || (uri.find("googleapis.com/") != std::string_view::npos &&
                                         uri.find("/files/") != std::string_view::npos);
}

bool read_file(Reader& r, Value part, Value file, const Path& path, std::vector<Part>& out) {
    std::string type, uri, name;
    if (!r.object(file, path)) return false;
    if (!r.string(field(file, "mimeType"), path.at("mimeType"), type)) return false;
    if (!r.name(field(file, "fileUri"), path.at("fileUri"), uri)) return false;
    if (!r.string(field(file, "displayName"), path.at("displayName"), name)) return false;
    if (type.starts_with("video/")) {
        out.emplace_back(exchange::Foreign{"video", std::string(part.raw())});
        return true;
    }
    std::vector<exchange::RawField> extra;
    keep_others(extra, file, "fileData", {"mimeType", "fileUri", "displayName"});
    keep_others(extra, part, {}, {"fileData", "thought", "thoughtSignature"});
    const bool kept = is_kept_file(uri);
    if (type.starts_with("image/") && (kept || uri.starts_with("http"))) {
        exchange::Image image{.media_type = std::move(type), .extra = std::move(extra)};
        (kept ? image.file_id : image.url) = std::move(uri);
        out.emplace_back(std::move(image));
        return true;
    }
    exchange::File made{.name = std::move(name), .media_type = std::move(type), .extra = std::move(extra)};
    (kept ? made.id : made.url) = std::move(uri);
    out.emplace_back(std::move(made));
    return true;
}

bool read_call(Reader& r, Value part, Value call, const Path& path, exchange::Opaque signature,
               std::vector<Part>& out) {
    exchange::ToolCall made;
    if (!r.object(call, path)) return false;
    if (!r.string(field(call, "id"), path.at("id"), made.id)) return false;
    if (!r.tool_name(field(call, "name"), path.at("name"), made.name)) return false;
    if (!r.object_text(field(call, "args"), path.at("args"), made.arguments)) return false;
    if (made.arguments.empty()) made.arguments = "{}";
    made.opaque = std::move(signature);
    keep_others(made.extra, call, "functionCall", {"id", "name", "args"});
    keep_others(made.extra, part, {}, {"functionCall", "thought", "thoughtSignature"});
    out.emplace_back(std::move(made));
    return true;
}

std::string_view kind_of(Value part) {
    for (const json::Member member : part.members()) {
        const bool beside =
            std::ranges::any_of(kBeside, [&](std::string_view name) { return is_field(member.key(), name); });
        if (!beside) return member.key();
    }
    return {};
}

}  // namespace

bool read_part(Reader& reader, Value part, const Path& path, std::vector<Part>& out) {
    if (!part.is_object()) return reader.wrong_type(part, "object", path);
    exchange::Opaque signature;
    std::string sealed;
    if (!reader.string(field(part, "thoughtSignature"), path.at("thoughtSignature"), sealed)) return false;
    if (!sealed.empty()) signature = unseal_signature(sealed);
    if (const Value text = field(part, "text"))
        return read_text(reader, part, text, path, std::move(signature), out);
    if (const Value call = field(part, "functionCall")) {
        return read_call(reader, part, call, path.at("functionCall"), std::move(signature), out);
    }
    if (const Value blob = field(part, "inlineData")) {
        if (!read_inline(reader, part, blob, path.at("inlineData"), out)) return false;
    } else if (const Value file = field(part, "fileData")) {
        if (!read_file(reader, part, file, path.at("fileData"), out)) return false;
    } else if (const auto kind = kind_of(part); !kind.empty()) {
        out.emplace_back(exchange::Foreign{std::string(kind), std::string(part.raw())});
        return true;  // its signature is in its text
    } else if (signature.empty()) {
        return reader.fail(path, fmt::format("'{}' holds neither text nor anything else.", path.text()));
    }
    push_signature(out, std::move(signature));
    return true;
}

bool read_parts(Reader& reader, Value parts, const Path& path, std::vector<Part>& out) {
    if (!within(reader, parts, path, kParts)) return false;
    std::size_t index = 0;
    for (const Value part : parts.elements()) {
        if (!read_part(reader, part, path.at(index++), out)) return false;
    }
    return true;
}

}  // namespace hearth::wire::gemini

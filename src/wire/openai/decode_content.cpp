// Content of a message: a string or parts.
#include <fmt/format.h>

#include "wire/openai/decode.h"

namespace hearth::wire::openai {

namespace {

using exchange::Part;
using json::Value;

// "data:image/png;base64,…" (RFC 2397) into its media type and data; any other URL stays one.
void split_data_url(std::string_view url, exchange::Image& image) {
    static constexpr std::string_view kScheme = "data:", kMark = ";base64,";
    const auto mark = url.find(kMark);
    if (url.starts_with(kScheme) && mark != std::string_view::npos && mark > kScheme.size() &&
        mark + kMark.size() < url.size()) {
        image.media_type = url.substr(kScheme.size(), mark - kScheme.size());
        image.data = url.substr(mark + kMark.size());
    } else {
        image.url = url;
    }
}

bool read_text(Reader& r, Value part, const Path& path, Part& out) {
    exchange::Text text;
    const Value value = part["text"];
    if (!value) return r.missing(path.at("text"));
    if (!value.is_string()) return r.wrong_type(value, "string", path.at("text"));
    text.text = value.as_string();
    keep_unknown(text.extra, part, {}, {"type", "text"});
    out = std::move(text);
    return true;
}

bool read_image(Reader& r, Value part, const Path& path, Part& out) {
    exchange::Image image;
    const Value value = part["image_url"];
    const Path at = path.at("image_url");
    std::string url;
    if (value.is_string()) {  // some clients write the URL itself
        url = value.as_string();
    } else {
        if (!r.object(value, at)) return false;
        if (!r.name(value["url"], at.at("url"), url)) return false;
        if (!r.string(value["detail"], at.at("detail"), image.detail)) return false;
        keep_unknown(image.extra, value, "image_url", {"url", "detail"});
    }
    if (url.empty()) return r.fail(at, fmt::format("'{}' must not be empty.", at.text()));
    split_data_url(url, image);
    keep_unknown(image.extra, part, {}, {"type", "image_url"});
    out = std::move(image);
    return true;
}

bool read_audio(Reader& r, Value part, const Path& path, Part& out) {
    exchange::Audio audio;
    const Value value = part["input_audio"];
    const Path at = path.at("input_audio");
    if (!r.object(value, at)) return false;
    if (!r.name(value["data"], at.at("data"), audio.data)) return false;
    if (!r.name(value["format"], at.at("format"), audio.format)) return false;
    keep_unknown(audio.extra, value, "input_audio", {"data", "format"});
    keep_unknown(audio.extra, part, {}, {"type", "input_audio"});
    out = std::move(audio);
    return true;
}

bool read_file(Reader& r, Value part, const Path& path, Part& out) {
    exchange::File file;
    const Value value = part["file"];
    const Path at = path.at("file");
    if (!r.object(value, at)) return false;
    if (!r.string(value["file_id"], at.at("file_id"), file.id)) return false;
    if (!r.string(value["file_data"], at.at("file_data"), file.data)) return false;
    if (!r.string(value["filename"], at.at("filename"), file.name)) return false;
    if (file.id.empty() && file.data.empty()) {
        return r.fail(at, fmt::format("'{}' must have 'file_id' or 'file_data'.", at.text()));
    }
    keep_unknown(file.extra, value, "file", {"file_id", "file_data", "filename"});
    keep_unknown(file.extra, part, {}, {"type", "file"});
    out = std::move(file);
    return true;
}

bool read_part(Reader& r, Value part, const Path& path, Part& out) {
    if (!part.is_object()) return r.wrong_type(part, "object", path);
    std::string type;
    if (!r.name(part["type"], path.at("type"), type)) return false;
    if (type == "text") return read_text(r, part, path, out);
    if (type == "image_url") return read_image(r, part, path, out);
    if (type == "input_audio") return read_audio(r, part, path, out);
    if (type == "file") return read_file(r, part, path, out);
    if (type == "refusal") {
        exchange::Refusal refusal;
        if (!part["refusal"]) return r.missing(path.at("refusal"));
        if (!r.string(part["refusal"], path.at("refusal"), refusal.text)) return false;
        out = std::move(refusal);
        return true;
    }
    out = exchange::Foreign{std::move(type), std::string(part.raw())};
    return true;
}

}  // namespace

bool read_content(Reader& reader, Value value, const Path& path, std::vector<Part>& out) {
    if (!value || value.is_null()) return true;
    if (value.is_string()) {
        if (!value.as_string().empty()) out.emplace_back(exchange::Text{std::string(value.as_string()), {}});
        return true;
    }
    if (!value.is_array()) return reader.wrong_type(value, "string or an array of parts", path);
    if (value.size() > kParts) {
        return reader.fail(
            path, fmt::format("'{}' has {} parts, but may have {}.", path.text(), value.size(), kParts));
    }
    std::size_t index = 0;
    for (const Value part : value.elements()) {
        Part made;
        if (!read_part(reader, part, path.at(index++), made)) return false;
        out.push_back(std::move(made));
    }
    return true;
}

}  // namespace hearth::wire::openai

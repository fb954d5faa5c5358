// Content of a message or of a tool's output: a string or parts.
#include <fmt/format.h>

#include "wire/responses/decode.h"

namespace hearth::wire::responses {

namespace {

using exchange::Part;
using json::Value;

constexpr std::string_view kData = "data:", kBase64 = ";base64,";

// "data:image/png;base64,…" (RFC 2397) into its media type and data; any other URL stays one.
void split_data_url(std::string_view url, exchange::Image& image) {
    const auto mark = url.find(kBase64);
    if (url.starts_with(kData) && mark != std::string_view::npos && mark > kData.size() &&
        mark + kBase64.size() < url.size()) {
        image.media_type = url.substr(kData.size(), mark - kData.size());
        image.data = url.substr(mark + kBase64.size());
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
    keep_unknown(text.extra, part, {}, {"type", "text", "annotations", "logprobs"});
    out = std::move(text);
    return true;
}

bool read_image(Reader& r, Value part, const Path& path, Part& out) {
    exchange::Image image;
    std::string url;
    const Value value = part["image_url"];
    const Value inner = value.is_object() ? value["url"] : value;  // chat completions' form, seen in mixtures
    if (!r.string(inner, path.at("image_url"), url)) return false;
    if (!r.string(part["file_id"], path.at("file_id"), image.file_id)) return false;
    if (!r.string(part["detail"], path.at("detail"), image.detail)) return false;
    if (url.empty() && image.file_id.empty()) {
        return r.fail(path, fmt::format("'{}' must have 'image_url' or 'file_id'.", path.text()));
    }
    split_data_url(url, image);
    keep_unknown(image.extra, part, {}, {"type", "image_url", "file_id", "detail"});
    out = std::move(image);
    return true;
}

bool read_file(Reader& r, Value part, const Path& path, Part& out) {
    exchange::File file;
    if (!r.string(part["file_id"], path.at("file_id"), file.id)) return false;
    if (!r.string(part["file_data"], path.at("file_data"), file.data)) return false;
    if (!r.string(part["file_url"], path.at("file_url"), file.url)) return false;
    if (!r.string(part["filename"], path.at("filename"), file.name)) return false;
    if (file.data.empty() && file.url.starts_with(kData)) file.data = std::exchange(file.url, {});
    if (file.id.empty() && file.data.empty() && file.url.empty()) {
        return r.fail(path, fmt::format("'{}' must have 'file_id', 'file_data' or 'file_url'.", path.text()));
    }
    if (const auto mark = file.data.find(kBase64);
        file.data.starts_with(kData) && mark != std::string::npos && mark < 256) {
        file.media_type = file.data.substr(kData.size(), mark - kData.size());
    }
    keep_unknown(file.extra, part, {}, {"type", "file_id", "file_data", "file_url", "filename"});
    out = std::move(file);
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

bool read_part(Reader& r, Value part, const Path& path, Part& out) {
    if (!part.is_object()) return r.wrong_type(part, "object", path);
    std::string type;
    if (!r.name(part["type"], path.at("type"), type)) return false;
    if (type == "input_text" || type == "output_text" || type == "text") return read_text(r, part, path, out);
    if (type == "input_image" || type == "image_url") return read_image(r, part, path, out);
    if (type == "input_file") return read_file(r, part, path, out);
    if (type == "input_audio") return read_audio(r, part, path, out);
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
    if (!value) return reader.missing(path);
    if (value.is_null()) return true;
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

}  // namespace hearth::wire::responses

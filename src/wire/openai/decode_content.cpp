// Content of a message: a string or parts.
#include <fmt/format.h>

#include "wire/openai/decode.h"
#include "wire/openai/parts.h"

namespace hearth::wire::openai {

namespace {

using exchange::Part;
using json::Value;

bool read_text(Reader& r, Value part, const Path& path, Part& out) {
    return read_text_part(r, part, path, {"type", "text"}, out);
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
    set_image_url(url, image);
    keep_unknown(image.extra, part, {}, {"type", "image_url"});
    out = std::move(image);
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
    if (type == "input_audio") return read_audio_part(r, part, path, out);
    if (type == "file") return read_file(r, part, path, out);
    if (type == "refusal") return read_refusal_part(r, part, path, out);
    out = exchange::Foreign{std::move(type), std::string(part.raw())};
    return true;
}

}  // namespace

bool read_content(Reader& reader, Value value, const Path& path, std::vector<Part>& out) {
    if (!value || value.is_null()) return true;
    return read_parts(reader, value, path, read_part, out);
}

}  // namespace hearth::wire::openai

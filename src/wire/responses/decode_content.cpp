// Content of a message or of a tool's output: a string or parts.
#include <fmt/format.h>

#include "wire/data_url.h"
#include "wire/openai/parts.h"
#include "wire/responses/decode.h"

namespace hearth::wire::responses {

namespace {

using exchange::Part;
using json::Value;

constexpr std::size_t kMediaTypeBytes = 251;  // longer ones are none

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
    openai::set_image_url(url, image);
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
    if (file.data.empty() && file.url.starts_with("data:")) file.data = std::exchange(file.url, {});
    if (file.id.empty() && file.data.empty() && file.url.empty()) {
        return r.fail(path, fmt::format("'{}' must have 'file_id', 'file_data' or 'file_url'.", path.text()));
    }
    if (const auto url = parse_data_url(file.data); url && url->media_type.size() < kMediaTypeBytes)
        file.media_type = url->media_type;
    keep_unknown(file.extra, part, {}, {"type", "file_id", "file_data", "file_url", "filename"});
    out = std::move(file);
    return true;
}

bool read_part(Reader& r, Value part, const Path& path, Part& out) {
    if (!part.is_object()) return r.wrong_type(part, "object", path);
    std::string type;
    if (!r.name(part["type"], path.at("type"), type)) return false;
    if (type == "input_text" || type == "output_text" || type == "text")
        return openai::read_text_part(r, part, path, {"type", "text", "annotations", "logprobs"}, out);
    if (type == "input_image" || type == "image_url") return read_image(r, part, path, out);
    if (type == "input_file") return read_file(r, part, path, out);
    if (type == "input_audio") return openai::read_audio_part(r, part, path, out);
    if (type == "refusal") return openai::read_refusal_part(r, part, path, out);
    out = exchange::Foreign{std::move(type), std::string(part.raw())};
    return true;
}

}  // namespace

bool read_content(Reader& reader, Value value, const Path& path, std::vector<Part>& out) {
    if (!value) return reader.missing(path);
    if (value.is_null()) return true;
    return openai::read_parts(reader, value, path, read_part, out);
}

}  // namespace hearth::wire::responses

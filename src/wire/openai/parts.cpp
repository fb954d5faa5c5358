#include "wire/openai/parts.h"

#include <fmt/format.h>

#include "text/json_writer.h"
#include "wire/data_url.h"

namespace hearth::wire::openai {

using exchange::Part;
using json::Value;

bool read_parts(Reader& reader, Value value, const Path& path, ReadPart read_part, std::vector<Part>& out) {
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

bool read_text_part(Reader& reader, Value part, const Path& path,
                    std::initializer_list<std::string_view> known, Part& out) {
    exchange::Text text;
    const Value value = part["text"];
    if (!value) return reader.missing(path.at("text"));
    if (!value.is_string()) return reader.wrong_type(value, "string", path.at("text"));
    text.text = value.as_string();
    keep_unknown(text.extra, part, {}, known);
    out = std::move(text);
    return true;
}

bool read_audio_part(Reader& reader, Value part, const Path& path, Part& out) {
    exchange::Audio audio;
    const Value value = part["input_audio"];
    const Path at = path.at("input_audio");
    if (!reader.object(value, at)) return false;
    if (!reader.name(value["data"], at.at("data"), audio.data)) return false;
    if (!reader.name(value["format"], at.at("format"), audio.format)) return false;
    keep_unknown(audio.extra, value, "input_audio", {"data", "format"});
    keep_unknown(audio.extra, part, {}, {"type", "input_audio"});
    out = std::move(audio);
    return true;
}

bool read_refusal_part(Reader& reader, Value part, const Path& path, Part& out) {
    exchange::Refusal refusal;
    if (!part["refusal"]) return reader.missing(path.at("refusal"));
    if (!reader.string(part["refusal"], path.at("refusal"), refusal.text)) return false;
    out = std::move(refusal);
    return true;
}

bool read_custom_format(Reader& reader, Value value, const Path& path, std::string& out) {
    if (!reader.object_text(value, path, out)) return false;
    const Value grammar = value["grammar"];
    if (!grammar.is_object()) return true;
    out.clear();
    json::Writer w(out);
    w.begin_object().member("type", "grammar");
    for (const json::Member member : grammar.members()) w.key(member.key()).raw(member.value.raw());
    w.end_object();
    return true;
}

void set_image_url(std::string_view url, exchange::Image& image) {
    const auto parsed = parse_data_url(url);
    if (parsed && !parsed->media_type.empty() && !parsed->data.empty()) {
        image.media_type = parsed->media_type;
        image.data = parsed->data;
    } else {
        image.url = url;
    }
}

}  // namespace hearth::wire::openai

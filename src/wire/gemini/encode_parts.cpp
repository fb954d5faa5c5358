// Texts and media as parts.
#include <algorithm>

#include "wire/data_url.h"
#include "wire/gemini/encode.h"

namespace hearth::wire::gemini {

using json::Writer;

namespace {

std::string_view type_by_name(std::string_view name, std::string_view otherwise) {
    name = name.substr(0, name.find_first_of("?#"));
    static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
        {".png", "image/png"},    {".jpg", "image/jpeg"},       {".jpeg", "image/jpeg"},
        {".webp", "image/webp"},  {".gif", "image/gif"},        {".heic", "image/heic"},
        {".heif", "image/heif"},  {".pdf", "application/pdf"},  {".txt", "text/plain"},
        {".md", "text/markdown"}, {".csv", "text/csv"},         {".html", "text/html"},
        {".xml", "text/xml"},     {".json", "application/json"}};
    const auto found =
        std::ranges::find_if(kTypes, [&](const auto& one) { return name.ends_with(one.first); });
    return found == std::end(kTypes) ? otherwise : found->second;
}

void write_inline(Writer& w, std::string_view type, std::string_view data) {
    w.begin_object().key("inlineData").begin_object();
    w.member("mimeType", type).member("data", data).end_object().end_object();
}

void write_uri(Writer& w, std::string_view type, std::string_view uri) {
    w.begin_object().key("fileData").begin_object();
    if (!type.empty()) w.member("mimeType", type);
    w.member("fileUri", uri).end_object().end_object();
}

void write_image(Writer& w, const exchange::Image& p) {
    if (!p.data.empty()) {
        write_inline(w, p.media_type, p.data);
        return;
    }
    const std::string_view uri = p.url.empty() ? p.file_id : p.url;
    write_uri(w, p.media_type.empty() ? type_by_name(uri, "image/jpeg") : std::string_view(p.media_type),
              uri);
}

void write_file(Writer& w, const exchange::File& p) {
    if (!p.text.empty()) {
        write_text(w, p.text);
        return;
    }
    std::string_view type = p.media_type, data = p.data;
    if (const auto url = parse_data_url(data)) {
        if (type.empty()) type = url->media_type;
        data = url->data;
    }
    if (!data.empty()) {
        write_inline(w, type.empty() ? type_by_name(p.name, "application/pdf") : type, data);
        return;
    }
    const std::string_view uri = p.url.empty() ? p.id : p.url;
    write_uri(w, type.empty() ? type_by_name(uri, {}) : type, uri);
}

}  // namespace

void write_text(Writer& w, std::string_view text) {
    w.begin_object().member("text", text).end_object();
}

bool is_media(const exchange::Part& part) {
    return std::holds_alternative<exchange::Image>(part) || std::holds_alternative<exchange::Audio>(part) ||
           std::holds_alternative<exchange::File>(part);
}

void write_media(Writer& w, const exchange::Part& part) {
    if (const auto* image = std::get_if<exchange::Image>(&part)) write_image(w, *image);
    if (const auto* file = std::get_if<exchange::File>(&part)) write_file(w, *file);
    if (const auto* audio = std::get_if<exchange::Audio>(&part)) {
        write_inline(w, "audio/" + audio->format, audio->data);
    }
}

}  // namespace hearth::wire::gemini

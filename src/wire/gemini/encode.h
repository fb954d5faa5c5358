#pragma once
// Inside this folder: the pieces of a request's encoding; each writes members of the open object, or elements of the open list of parts.
#include "text/json_writer.h"
#include "wire/dialect.h"

namespace hearth::wire::gemini {

void write_contents(json::Writer& w, const exchange::Request& request, const UpstreamNeeds& needs);
void write_text(json::Writer& w, std::string_view text);  // a part
[[nodiscard]] bool is_media(const exchange::Part& part);  // Image, Audio, File
void write_media(json::Writer& w, const exchange::Part& part);
void write_tools(json::Writer& w, const exchange::Chat& chat);
void write_generation_config(json::Writer& w, const exchange::Request& request, std::string_view model);

}  // namespace hearth::wire::gemini

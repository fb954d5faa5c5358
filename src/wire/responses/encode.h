#pragma once
// Inside this folder: the pieces of request encoding, some of which an answer repeats.
#include <string_view>
#include <vector>

#include "exchange/request.h"
#include "text/json_writer.h"
#include "wire/dialect.h"

namespace hearth::wire::responses {

struct ToolStyle {
    bool spaces = false;  // namespaces again, not flat functions
    bool hosted = false;  // hosted tools and unknown fields too
};
void write_tools(json::Writer& w, const std::vector<exchange::Tool>& tools,
                 const ToolStyle& style);                                                     // a value
void write_tool_choice(json::Writer& w, const exchange::Chat& chat, const ToolStyle& style);  // a value
void write_format(json::Writer& w, const exchange::ResponseFormat& format);                   // a value

// `input`'s value: what remains when `skip` turns have become the instructions.
void write_input(json::Writer& w, const exchange::Request& request, std::size_t skip, const ToolStyle& style,
                 const UpstreamNeeds& needs);

}  // namespace hearth::wire::responses

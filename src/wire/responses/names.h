#pragma once
// Tools of namespaces under names that every dialect accepts. A namespace's tool NAME in SPACE is "SPACE__NAME" for all
// the others: letters, digits, '_' and '-', at most 64 of them, and unlike every other tool's name. The way back is the
// request's list of tools, so the same tools always get the same names.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/request.h"

namespace hearth::wire::responses {

// Ends in a hash of both when they do not fit: always the same one, or an earlier call would lose its tool.
[[nodiscard]] std::string flat_name(std::string_view space, std::string_view own_name);
// Gives every tool of a namespace its name, once all tools are known.
void name_tools(std::vector<exchange::Tool>& tools);

// What the form calls a tool that the wire names by namespace (may be empty) and name.
[[nodiscard]] std::string form_name(std::span<const exchange::Tool> tools, std::string_view space,
                                    std::string_view own_name);

// What the wire calls a tool that the form names so; views into the tools or `name`.
struct WireName {
    std::string_view space, name;  // space: empty for a tool of no namespace
};
[[nodiscard]] WireName wire_name(std::span<const exchange::Tool> tools, std::string_view name);

}  // namespace hearth::wire::responses

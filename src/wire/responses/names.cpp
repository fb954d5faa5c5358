#include "wire/responses/names.h"

#include <fmt/format.h>

#include <set>

#include "base/fnv1a.h"

namespace hearth::wire::responses {

namespace {

using exchange::Tool;

constexpr std::size_t kNameLength = 64;  // what the vendors allow

bool plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::string shortened(std::string name, std::string_view suffix) {
    name.resize(std::min(name.size(), kNameLength - suffix.size()));
    return name.append(suffix);
}

}  // namespace

std::string flat_name(std::string_view space, std::string_view own_name) {
    std::string name = fmt::format("{}__{}", space, own_name);
    const auto print = fnv1a(name);
    for (char& c : name) c = plain(c) ? c : '_';
    if (name.size() <= kNameLength) return name;
    return shortened(std::move(name), fmt::format("_{:08x}", print & 0xffffffffULL));
}

void name_tools(std::vector<Tool>& tools) {
    std::set<std::string, std::less<>> taken;
    for (const auto& tool : tools) {
        if (tool.space.empty()) taken.insert(tool.name);
    }
    for (auto& tool : tools) {
        if (tool.space.empty()) continue;
        tool.name = flat_name(tool.space, tool.own_name);
        for (int i = 2; !taken.insert(tool.name).second; ++i) {
            tool.name = shortened(flat_name(tool.space, tool.own_name), fmt::format("_{}", i));
        }
    }
}

std::string form_name(std::span<const Tool> tools, std::string_view space, std::string_view own_name) {
    if (space.empty()) return std::string(own_name);
    const auto stands_there = [&](const Tool& tool) {
        return tool.space == space && tool.own_name == own_name;
    };
    if (const auto found = std::ranges::find_if(tools, stands_there); found != tools.end())
        return found->name;
    // A deferred function of no namespace is called in one of its own name.
    const auto plain_tool = [&](const Tool& tool) { return tool.space.empty() && tool.name == own_name; };
    if (space == own_name && std::ranges::any_of(tools, plain_tool)) return std::string(own_name);
    return flat_name(space, own_name);
}

WireName wire_name(std::span<const Tool> tools, std::string_view name) {
    const auto found = std::ranges::find(tools, name, &Tool::name);
    if (found == tools.end() || found->space.empty()) return {{}, name};
    return {found->space, found->own_name};
}

}  // namespace hearth::wire::responses

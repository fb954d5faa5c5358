#include "config/differences.h"

#include <fmt/format.h>

#include <set>

#include "config/schema.h"

namespace hearth::config {

namespace {

// Both lists come from the same function of the schema, so the rows correspond.
void compare(const std::vector<Field>& before, const std::vector<Field>& after, const std::string& table,
             std::vector<Difference>& out) {
    for (std::size_t i = 0; i < before.size(); ++i) {
        const auto& field = before[i];
        if (!field.members.empty()) {
            compare(field.members, after[i].members, fmt::format("{}.{}", table, field.name), out);
        } else if (!field.storage.equal(field.storage.at, after[i].storage.at)) {
            out.push_back({.key = field.each ? fmt::format("[{}.{}]", table, field.name)
                                             : fmt::format("[{}] {}", table, field.name),
                           .needs_restart = field.needs_restart});
        }
    }
}

// A dot in a name would read as a table within a table.
std::string table_name(std::string_view kind, const std::string& name) {
    return name.contains('.') ? fmt::format("{}.\"{}\"", kind, name) : fmt::format("{}.{}", kind, name);
}

// [projects.NAME] or [providers.NAME]. One that is on one side only differs in what it sets, or is itself the difference.
template <class Named, class Fields>
void compare_named(std::string_view kind, Named& before, Named& after, const Fields& fields_of,
                   std::vector<Difference>& out) {
    std::set<std::string> names;
    for (const auto& [name, value] : before) names.insert(name);
    for (const auto& [name, value] : after) names.insert(name);
    for (const auto& name : names) {
        const bool both = before.contains(name) && after.contains(name);
        const auto known = out.size();
        compare(fields_of(before[name]), fields_of(after[name]), table_name(kind, name), out);
        if (!both && out.size() == known) out.push_back({.key = fmt::format("[{}]", table_name(kind, name))});
    }
}

}  // namespace

std::vector<Difference> differences(const Config& before, const Config& after) {
    std::vector<Difference> out;
    if (before.home.root != after.home.root) out.push_back({.key = "HEARTH_HOME", .needs_restart = true});
    auto a = before;  // the schema's rows refer to variables that they may write
    auto b = after;
    const std::filesystem::path unused;  // nothing is parsed, so no path is relative
    const auto sections_a = fixed_sections(a, unused);
    const auto sections_b = fixed_sections(b, unused);
    for (std::size_t i = 0; i < sections_a.size(); ++i) {
        compare(sections_a[i].fields, sections_b[i].fields, std::string(sections_a[i].name), out);
    }
    compare_named("projects", a.projects, b.projects, project_fields, out);
    compare_named(
        "providers", a.providers, b.providers,
        [&](Provider& provider) { return provider_fields(provider, unused); }, out);
    return out;
}

Config apply_without_restart(const Config& running, const Config& wanted) {
    auto before = running;
    auto merged = wanted;
    merged.home = running.home;
    const std::filesystem::path unused;
    const auto from = fixed_sections(before, unused);
    const auto to = fixed_sections(merged, unused);
    for (std::size_t i = 0; i < from.size(); ++i) {
        for (std::size_t j = 0; j < from[i].fields.size(); ++j) {
            const auto& field = from[i].fields[j];
            if (field.needs_restart) field.storage.copy(field.storage.at, to[i].fields[j].storage.at);
        }
    }
    return merged;
}

}  // namespace hearth::config

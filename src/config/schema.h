#pragma once
// Every key there is: what it is called, what it takes, where it goes, and whether a change of it needs a restart.
#include <filesystem>
#include <string_view>
#include <vector>

#include "config/field.h"

namespace hearth::config {

struct Section {
    std::string_view name;
    std::vector<Field> fields;
};

// The sections of one instance: [server] [policy] [client] [route] [responses] [files] [engine] [ledger] [log]. `base`: where relative paths
// begin. The fields write into `config`, which must outlive them.
[[nodiscard]] std::vector<Section> fixed_sections(Config& config, const std::filesystem::path& base);
// The sections of which there are many: [projects.NAME], [providers.NAME].
[[nodiscard]] std::vector<Field> project_fields(Project& project);
[[nodiscard]] std::vector<Field> provider_fields(Provider& provider, const std::filesystem::path& base);

}  // namespace hearth::config

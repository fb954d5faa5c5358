#pragma once
// The files of catalog/ as they were when this was built.
#include <string_view>

namespace hearth::provider {

[[nodiscard]] std::string_view embedded_providers();  // catalog/providers.json
[[nodiscard]] std::string_view embedded_models();     // catalog/models.json

}  // namespace hearth::provider

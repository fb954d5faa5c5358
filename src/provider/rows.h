#pragma once
// catalog/providers.json to rows. Error: Code::corrupt with the row and field.
#include <string_view>
#include <vector>

#include "provider/provider.h"

namespace hearth::provider {

[[nodiscard]] Result<std::vector<Provider>> read_rows(std::string_view json);

// Splits "https://host/path/" into scheme, host, port and "/path". Error: Code::config, naming `what`.
[[nodiscard]] Result<text::Url> parse_base(std::string_view url, std::string_view what);

}  // namespace hearth::provider

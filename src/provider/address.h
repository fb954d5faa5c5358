#pragma once
// Where a provider is: the variables that say so, and addresses that hold one's own project, resource or region. For
// Registry::build.
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "config/environment.h"
#include "provider/provider.h"

namespace hearth::provider {

struct FoundAddress {
    std::string url, from;  // from: the variable
};
// The first that is set, with what belongs behind it.
[[nodiscard]] std::optional<FoundAddress> address_from(const std::vector<AddressVariable>& variables,
                                                       const config::Environment& env);

// "https://{AZURE_RESOURCE_NAME}.openai.azure.com", "{A|B}": the first that is set, "{A=x}": x when none is. `project`
// stands in for GOOGLE_CLOUD_PROJECT. Code::config: a value that may not stand in an address.
struct FilledAddress {
    std::string url, missing;  // missing: the variable without which there is no address
};
[[nodiscard]] Result<FilledAddress> fill_address(std::string_view pattern, const config::Environment& env,
                                                 std::string_view project);

// The wires of a row that `base` takes the place of row.base for. What a vendor speaks beside its first dialect is not
// taken for granted where something else may answer; a local program is itself wherever it listens, and its other paths
// are found beside the first.
void move_wires(Provider& row, const text::Url& base);

}  // namespace hearth::provider

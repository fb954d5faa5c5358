#pragma once
// Where a provider's credentials come from. For Registry::build.
#include <string>
#include <vector>

#include "base/error.h"
#include "config/environment.h"
#include "provider/provider.h"

namespace hearth::provider {

// The key in `key_file` (empty: none is configured), else in the first variable that is set; without either, for rows that
// know one, the account in the environment: AWS_ACCESS_KEY_ID and its companions, GOOGLE_APPLICATION_CREDENTIALS. An
// account that cannot be used is reported in Provider::credential_error: those variables are set for other programs too, and must not
// keep Hearth from starting. Code::config: what is wrong with key_file.
[[nodiscard]] Result<void> find_credentials(Provider& row, const std::string& key_file,
                                            const config::Environment& env,
                                            std::vector<std::string>& warnings);

}  // namespace hearth::provider

#include "models/discover.h"

#include <cstdlib>

namespace hearth::models {

std::string process_environment(std::string_view name) {
    const char* value = std::getenv(std::string(name).c_str());
    return value ? value : "";
}

std::vector<Model> discover_models(const Environment&) {
    return {};
}

}  // namespace hearth::models

#include "provider/embedded.h"

namespace hearth::provider {

namespace {
// #embed is C23; clang takes it in C++ as well and names the files to the build system.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr char kProviders[] = {
#embed "../../catalog/providers.json"
};
constexpr char kModels[] = {
#embed "../../catalog/models.json"
};
#pragma clang diagnostic pop
}  // namespace

std::string_view embedded_providers() {
    return {kProviders, sizeof kProviders};
}
std::string_view embedded_models() {
    return {kModels, sizeof kModels};
}

}  // namespace hearth::provider

#include "cli/commands.h"

#include <array>

namespace hearth::cli {

std::span<const Command* const> commands() {
    static constexpr std::array<const Command*, 21> kAll = {
        &kServe,    &kRun,    &kStop,    &kReload,    &kPs,          &kPull,       &kList,
        &kModels,   &kShow,   &kRemove,  &kRoute,     &kLedger,      &kDoctor,     &kConnect,
        &kDialects, &kKeyAdd, &kKeyList, &kKeyRemove, &kConfigCheck, &kCompletion, &kVersion};
    return kAll;
}

}  // namespace hearth::cli

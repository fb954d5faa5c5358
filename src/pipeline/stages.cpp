#include "pipeline/stages.h"

#include "pipeline/backends/backend.h"
#include "pipeline/delivery/filters.h"
#include "pipeline/delivery/verifiers.h"
#include "pipeline/stages/stages.h"

namespace hearth::pipeline {

namespace {

constexpr RequestStage kRequestStageRows[] = {
    {"decode", decode},  // the body is read and means something
    {"plan", plan},      // candidates in order
};

constexpr AttemptStage kAttemptStageRows[] = {
    {"reserve", reserve},       // the ledger knows before a byte leaves
    {"resolve", resolve},       // which upstream, in which dialect
    {"permit", obtain_permit},  // the policy allows the destination
    {"circuit", take_trial},    // it is not known to be down
};

const BackendRow kBackendRows[] = {
    {"synthetic", serves_synthetic, synthetic_backend()},
    {"engine", serves_engine, engine_backend()},
    {"passthrough", serves_passthrough, passthrough_backend()},
    {"provider", serves_provider, provider_backend()},
};

constexpr FilterRow kFilterRows[] = {
    {"custom tools", restore_custom_tools},
};

constexpr VerifierRow kVerifierRows[] = {
    {"compaction", verify_compaction},
};

}  // namespace

constinit const std::span<const RequestStage> kRequestStages = kRequestStageRows;
constinit const std::span<const AttemptStage> kAttemptStages = kAttemptStageRows;
constinit const std::span<const BackendRow> kBackends = kBackendRows;
constinit const std::span<const FilterRow> kAnswerFilters = kFilterRows;
constinit const std::span<const VerifierRow> kVerifiers = kVerifierRows;

}  // namespace hearth::pipeline

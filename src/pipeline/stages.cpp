#include "pipeline/stages.h"

#include "pipeline/backends/backend.h"
#include "pipeline/delivery/filters.h"
#include "pipeline/delivery/verifiers.h"
#include "pipeline/record.h"

namespace hearth::pipeline {

// What the rows name. Each is defined in a file of its own and declared here alone, so that a new one is that file and its
// lines here.

// ---- stages of a request: stages/

// Reads the body and decodes it with the client's codec; what is only passed through is not decoded: the model's name is
// found in its JSON or its form. Errors: invalid_request, too_large, cancelled.
Task<Result<void>> decode(Ports& ports, RequestContext& context);
// Candidates in order, from the router (plan.h). Errors: as route::decide.
Result<void> plan(Ports& ports, RequestContext& context);

// ---- stages of an attempt: stages/attempt_stages.cpp

// The ledger's row is committed before a byte leaves. Error: storage, when it cannot be written.
Task<Result<void>> reserve(Ports& ports, const RequestContext& context, Record& record, Attempt& attempt);
// Where the candidate is, and the dialect in which it is asked. Error: unavailable, when it has no address.
Result<void> resolve(Ports& ports, const RequestContext& context, Record& record, Attempt& attempt);
// The policy's permit for the destination; none is needed for our own engine. Error: forbidden.
Result<void> obtain_permit(Ports& ports, const RequestContext& context, Record& record, Attempt& attempt);
// The circuit's trial. Error: unavailable, with the time to wait.
Result<void> take_trial(Ports& ports, const RequestContext& context, Record& record, Attempt& attempt);

// ---- backends: backends/

// Answers that Hearth makes itself in place of a provider that cannot: an estimated count of tokens, and the end of a
// request that only loads a model. Nothing is sent.
bool serves_synthetic(const RequestContext& context, const Attempt& attempt);
const Backend& synthetic_backend();
// A model of our own engine.
bool serves_engine(const RequestContext& context, const Attempt& attempt);
const Backend& engine_backend();
// Audio, images, a provider's own files and batches: byte for byte but for the model's name.
bool serves_passthrough(const RequestContext& context, const Attempt& attempt);
const Backend& passthrough_backend();
// A provider: of the client's own dialect its own bytes with the needed edits, of another a translated request.
bool serves_provider(const RequestContext& context, const Attempt& attempt);
const Backend& provider_backend();

// ---- answer filters and verifiers: delivery/

// Calls of functions that stand for the client's custom tools become calls of custom tools again.
std::unique_ptr<AnswerFilter> restore_custom_tools(const RequestContext& context, const Attempt& attempt);
// The summary that replaces a conversation (Responses' compaction) must not be empty: the conversation would be lost.
std::unique_ptr<Verifier> verify_compaction(const RequestContext& context, const Attempt& attempt);

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

#pragma once
// What Hearth does not do itself but passes on to a provider that does, byte for byte but for the model's name: audio,
// images, and a provider's own files and batches. The road is the same as for every request (plan, permit, ledger,
// failover); reading and sending are these. Format: developers.openai.com/api/reference, resources audio, images, files,
// batches.
#include "base/task.h"
#include "pipeline/journey.h"

namespace hearth::pipeline {

// Finds the model's name in a JSON body or in the field `model` of a form. Errors: invalid_request, too_large.
[[nodiscard]] Task<Result<void>> read_passed(Journey& journey);

// Kinds file and batch: the one step is the provider that the client named (x-hearth-provider). Errors: not_found,
// forbidden (policy), unauthenticated (key missing).
[[nodiscard]] Result<void> decide_provider(Journey& journey);

// The attempt: settles before the client's last byte, as the others do. To a provider's files and batches there is no
// second candidate: whatever it answers is the answer.
[[nodiscard]] Task<Ended> pass_through(Journey& journey, const route::Step& step, const Upstream& upstream,
                                       const privacy::Permit& permit);

}  // namespace hearth::pipeline

#pragma once
// The stages of stages.cpp, one file each.
#include "base/task.h"
#include "pipeline/context.h"
#include "pipeline/ports.h"
#include "pipeline/record.h"

namespace hearth::pipeline {

// ---- of a request

// Reads the body and decodes it with the client's codec; what is only passed through is not decoded: the model's name is
// found in its JSON or its form. Errors: invalid_request, too_large, cancelled.
[[nodiscard]] Task<Result<void>> decode(Ports& ports, RequestContext& context);
// Candidates in order, from the router (plan.h). Errors: as route::decide.
[[nodiscard]] Result<void> plan(Ports& ports, RequestContext& context);

// ---- of an attempt

// The ledger's row is committed before a byte leaves. Error: storage, when it cannot be written.
[[nodiscard]] Task<Result<void>> reserve(Ports& ports, const RequestContext& context, Record& record,
                                         Attempt& attempt);
// Where the candidate is, and the dialect in which it is asked. Error: unavailable, when it has no address.
[[nodiscard]] Result<void> resolve(Ports& ports, const RequestContext& context, Record& record,
                                   Attempt& attempt);
// The policy's permit for the destination; none is needed for our own engine. Error: forbidden.
[[nodiscard]] Result<void> obtain_permit(Ports& ports, const RequestContext& context, Record& record,
                                         Attempt& attempt);
// The circuit's trial. Error: unavailable, with the time to wait.
[[nodiscard]] Result<void> take_trial(Ports& ports, const RequestContext& context, Record& record,
                                      Attempt& attempt);

}  // namespace hearth::pipeline

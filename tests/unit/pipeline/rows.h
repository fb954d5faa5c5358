#pragma once
// What the rows of src/pipeline/stages.cpp name, for tests that call it alone.
#include <memory>

#include "base/task.h"
#include "pipeline/context.h"
#include "pipeline/delivery/filters.h"
#include "pipeline/ports.h"
#include "pipeline/record.h"

namespace hearth::pipeline {

Task<Result<void>> decode(Ports& ports, RequestContext& context);
Result<void> plan(Ports& ports, RequestContext& context);
Task<Result<void>> reserve(Ports& ports, const RequestContext& context, Record& record, Attempt& attempt);
Result<void> resolve(Ports& ports, const RequestContext& context, Record& record, Attempt& attempt);
Result<void> obtain_permit(Ports& ports, const RequestContext& context, Record& record, Attempt& attempt);
Result<void> take_trial(Ports& ports, const RequestContext& context, Record& record, Attempt& attempt);
std::unique_ptr<AnswerFilter> restore_custom_tools(const RequestContext& context, const Attempt& attempt);

}  // namespace hearth::pipeline

#pragma once
// Text queries that need only the vocabulary and the template, answered concurrently with the scheduler.
#include "engine/protocol/message.h"
#include "engine/worker/model.h"

namespace hearth::engine {

// Errors: Code::invalid_request (invalid token), too_large, and those of apply_template().
[[nodiscard]] TextAnswer answer_text(const Model& model, const TextQuery& query);

}  // namespace hearth::engine

#pragma once
// Questions about text that the vocabulary and the template alone can answer, beside the scheduler.
#include "engine/protocol/message.h"
#include "engine/worker/model.h"

namespace hearth::engine {

// Errors: Code::invalid_request (a token that is none), too_large, and what apply_template() says.
[[nodiscard]] TextAnswer answer_text(const Model& model, const TextQuery& query);

}  // namespace hearth::engine

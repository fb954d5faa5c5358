#pragma once
// Same dialect on both sides: the client's own bytes with a listed set of edits; everything else stays byte
// for byte.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/edit.h"
#include "text/json.h"
#include "wire/dialect.h"

namespace hearth::wire::openai {

// For a chat, completion or embedding body that decoded without an error.
[[nodiscard]] EditPlan same_dialect_edits(const json::Document& document, const UpstreamNeeds& needs);

// For local servers' own dialects, where nothing else of OpenAI's exists: the model's name, and what is to be removed.
[[nodiscard]] EditPlan model_edits(const json::Document& document, const UpstreamNeeds& needs);

}  // namespace hearth::wire::openai

#pragma once
// Same dialect on both sides: the client's own bytes but for what only we put into them or an upstream refuses.
#include "text/json.h"
#include "wire/dialect.h"

namespace hearth::wire::gemini {

// For a body that decoded without an error. The model stands in the path; where a body names it too (batches of
// embeddings, countTokens with a whole request), it is made to agree. Sealed signatures are opened for the provider that
// made them; of others, a call's is replaced by the value for "none" and any other one removed.
[[nodiscard]] EditPlan same_dialect_edits(const json::Document& document, const UpstreamNeeds& needs);

}  // namespace hearth::wire::gemini

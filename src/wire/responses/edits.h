#pragma once
// Same dialect on both sides: the client's own bytes with a listed set of edits; everything else stays byte for byte.
#include "text/json.h"
#include "wire/dialect.h"

namespace hearth::wire::responses {

// For a body that decoded without an error:
//   - the upstream's name of the model;
//   - `store` false unless the client said true, and then encrypted reasoning asked for where there is any to be had, or
//     the next turn would be without it;
//   - reasoning of other providers out, this one's own unsealed; without `store` also reasoning that bears no state,
//     which the vendor would look up and not find (unless the upstream takes plain thinking back);
//   - role `developer` as `system` where the upstream knows no other;
//   - fields that it refuses out, each with a warning.
[[nodiscard]] EditPlan same_dialect_edits(const json::Document& document, const UpstreamNeeds& needs);

}  // namespace hearth::wire::responses

#pragma once
// Same dialect on both sides: the client's own bytes with a listed set of edits; everything else stays byte for byte.
//
//   - The model is renamed; fields that the upstream refuses are removed with a warning.
//   - Blocks of thinking that bear our seal (they were made by another provider, or by the engine) are removed, or unsealed
//     if this provider made them; citations under our seal are removed. Their makers alone could read them, and Anthropic
//     refuses what it has not signed.
//   - A message that is left without blocks goes too: the API refuses empty ones, and joins the neighbours itself.
//   - Where a model that thinks by budget would find no thinking of its own before the calls it is to go on from, thinking
//     is switched off for this request, with a warning: the API refuses it otherwise.
#include "wire/dialect.h"

namespace hearth::wire::anthropic {

[[nodiscard]] EditPlan same_dialect_edits(const json::Document& document, const UpstreamNeeds& needs);

}  // namespace hearth::wire::anthropic

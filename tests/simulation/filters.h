#pragma once
// Rows that a scenario adds to the pipeline's tables: a filter that replaces a word however it is cut, and a verifier that
// rejects answers with a mark.
#include <span>

#include "pipeline/stages.h"
#include "scenario.h"

namespace hearth::simulation {

[[nodiscard]] std::span<const pipeline::FilterRow> filters_for(const Scenario& scenario);
[[nodiscard]] std::span<const pipeline::VerifierRow> verifiers_for(const Scenario& scenario);
// What the filter makes of a whole text.
[[nodiscard]] std::string replaced(std::string text);

}  // namespace hearth::simulation

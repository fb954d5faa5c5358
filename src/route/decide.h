#pragma once
// The routing decision: candidates in order, each with the reason for its position, and all rejections with theirs.
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "route/facts.h"

namespace hearth::route {

struct Step {
    const Model* model = nullptr;  // in Plan::models
    std::string
        reason;  // "named", "local model asked for", "fallback 1 of openai/x", ... : goes into the ledger
};
struct Refusal {
    std::string model;
    std::string why;
};
struct Plan {
    std::shared_ptr<const Models> models;
    std::shared_ptr<const Model> unlisted;  // Ask::unlisted, which a step may point to
    std::vector<Step> steps;                // at least one, else decide() fails
    std::vector<Refusal> refusals;
};

// Errors: not_found (unknown name, with the nearest), unauthenticated (key missing: which variable), forbidden (policy),
// invalid_request (no permitted model supports it: what is missing), unavailable (all unhealthy).
// A plan stays within the requested kind of place: `local` never yields a cloud step.
[[nodiscard]] Result<Plan> decide(const Ask& ask, std::shared_ptr<const Models> models,
                                  const Preferences& want, const Checks& checks);

// What `model` lacks for the request, as words ("tools", "images"); empty = supported.
[[nodiscard]] std::string lacks(const Model& model, const Ask& ask);

// Up to three known names nearest to `name` (edit distance, case ignored), best first.
[[nodiscard]] std::vector<std::string> nearest(const std::string& name, const Models& models);

}  // namespace hearth::route

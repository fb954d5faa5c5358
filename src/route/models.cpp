#include "route/facts.h"

namespace hearth::route {

namespace {
// Which of two models with the same bare id a bare name refers to.
bool better(const Model& a, const Model& b) {
    const bool a_own = a.provider == kEngine, b_own = b.provider == kEngine;
    if (a_own != b_own) return a_own;
    return a.not_ready.empty() && !b.not_ready.empty();
}
}  // namespace

Models::Models(std::vector<Model> all) : all_(std::move(all)) {
    by_name_.reserve(all_.size() * 2);
    for (const auto& model : all_) {
        const auto [at, fresh] = by_name_.emplace(model.id, &model);
        if (!fresh && better(model, *at->second)) at->second = &model;
    }
    for (const auto& model : all_) by_name_.insert_or_assign(model.full_name(), &model);
}

const Model* Models::find(std::string_view name) const {
    const auto at = by_name_.find(name);
    return at == by_name_.end() ? nullptr : at->second;
}

}  // namespace hearth::route

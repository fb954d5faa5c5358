#include "wire/ollama/calls.h"

#include <fmt/format.h>

namespace hearth::wire::ollama {

void write_arguments(json::Writer& w, std::string_view text, json::Document& scratch) {
    if (const auto root = scratch.parse(text); root && root->is_object()) {
        w.raw(root->raw());
        return;
    }
    w.begin_object();
    if (!text.empty()) w.member("input", text);
    w.end_object();
}

std::string Calls::begin(std::string_view name, std::string_view id) {
    const std::size_t place = calls_.size();
    auto& made = calls_.emplace_back(One{std::string(name), std::string(id)});
    if (made.id.empty()) made.id = fmt::format("call_tool_{}", place);
    by_name_[made.name].calls.push_back(place);
    by_id_.insert_or_assign(made.id, place);
    return made.id;
}

const Calls::One* Calls::waiting(const std::string& name) {
    if (const auto found = by_name_.find(name); !name.empty() && found != by_name_.end()) {
        auto& [places, next] = found->second;
        while (next < places.size() && calls_[places[next]].answered) ++next;
        if (next < places.size()) return &calls_[places[next]];
    }
    while (next_ < calls_.size() && calls_[next_].answered) ++next_;
    return next_ < calls_.size() ? &calls_[next_] : nullptr;
}

void Calls::answer(std::string& id, std::string& name) {
    if (id.empty()) {
        if (const One* call = waiting(name)) id = call->id;
    }
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    One& call = calls_[found->second];
    call.answered = true;
    if (name.empty()) name = call.name;
}

}  // namespace hearth::wire::ollama

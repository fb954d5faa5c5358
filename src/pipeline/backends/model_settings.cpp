#include "pipeline/backends/model_settings.h"

#include <algorithm>

#include "wire/ollama/defaults.h"

namespace hearth::pipeline {

namespace {

bool instructs(const exchange::Turn& turn) {
    return turn.role == exchange::Role::system || turn.role == exchange::Role::developer;
}

}  // namespace

void apply_settings(const models::Settings& settings, exchange::Request& request) {
    if (!settings.parameters.empty()) {
        // Checked when the name was made; a manifest that was edited since counts as empty.
        if (const auto defaults = wire::ollama::decode_defaults(settings.parameters))
            wire::ollama::apply_defaults(*defaults, request);
    }
    auto* chat = std::get_if<exchange::Chat>(&request.body);
    if (settings.system.empty() || !chat || std::ranges::any_of(chat->turns, instructs)) return;
    exchange::Turn turn;
    turn.role = exchange::Role::system;
    turn.parts.emplace_back(exchange::Text{settings.system, {}});
    chat->turns.insert(chat->turns.begin(), std::move(turn));
}

}  // namespace hearth::pipeline

#include "ledger/entry.h"

#include <iterator>

namespace hearth::ledger {

namespace {
constexpr std::string_view kStatusNames[] = {"running", "ok", "error", "cancelled", "refused", "interrupted"};
}

std::string_view status_name(Status status) {
    return kStatusNames[static_cast<std::size_t>(status)];
}

std::optional<Status> status_from(std::string_view name) {
    for (std::size_t i = 0; i < std::size(kStatusNames); ++i) {
        if (kStatusNames[i] == name) return static_cast<Status>(i);
    }
    return std::nullopt;
}

std::string_view dialect_name(exchange::Dialect dialect) {
    switch (dialect) {
        case exchange::Dialect::openai_chat:
            return "openai_chat";
        case exchange::Dialect::openai_completions:
            return "openai_completions";
        case exchange::Dialect::openai_embeddings:
            return "openai_embeddings";
        case exchange::Dialect::engine:
            return "engine";
    }
    return "unknown";
}

std::string_view kind_name(exchange::Kind kind) {
    switch (kind) {
        case exchange::Kind::chat:
            return "chat";
        case exchange::Kind::completion:
            return "completion";
        case exchange::Kind::embedding:
            return "embedding";
    }
    return "unknown";
}

}  // namespace hearth::ledger

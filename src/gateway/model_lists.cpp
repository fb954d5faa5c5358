#include "gateway/model_lists.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "wire/anthropic/models.h"
#include "wire/gemini/models.h"
#include "wire/lmstudio/models.h"
#include "wire/openai/models.h"

namespace hearth::gateway {

namespace {

std::vector<std::string> words_of(const route::Abilities& can) {
    if (!can.known) return {};
    std::vector<std::string> out;
    if (can.chat) out.emplace_back("chat");
    if (can.completion) out.emplace_back("completion");
    if (can.suffix) out.emplace_back("fim");
    if (can.embedding) out.emplace_back("embedding");
    if (can.tools) out.emplace_back("tools");
    if (can.images) out.emplace_back("vision");
    return out;
}

struct Card {
    wire::openai::ModelEntry entry;  // the one with the most in it; the others' shapes are made from it
    route::Abilities can;
    bool own = false;
    const models::Model* file = nullptr;
};

Card card_of(Services& services, const route::Model& model) {
    Card card;
    card.own = model.provider == route::kEngine;
    card.can = model.can;
    auto& entry = card.entry;
    entry.id = card.own ? model.id : model.full_name();
    entry.owned_by = card.own ? "hearth" : model.provider;
    if (model.can.context_tokens > 0) entry.context_length = model.can.context_tokens;
    entry.place = place_name(model.place);
    entry.capabilities = words_of(model.can);
    entry.state = model.not_ready.empty() ? "available" : "not ready";
    if (card.own) {
        card.file = services.ports.directory.own(model.id);
        if (card.file && services.supervisor.loaded(card.file->name)) entry.state = "loaded";
        if (card.file)
            entry.created_s =
                std::chrono::duration_cast<seconds>(card.file->added.time_since_epoch()).count();
    }
    return card;
}

Card chooser(std::string id) {
    Card card;
    card.entry.id = std::move(id);
    card.entry.owned_by = "hearth";
    card.entry.state = "available";
    return card;
}

constexpr std::string_view kChoosers[] = {"auto", "local", "cloud"};

std::vector<Card> all_cards(Services& services) {
    std::vector<Card> cards;
    for (const auto name : kChoosers) cards.push_back(chooser(std::string(name)));
    for (const auto& model : services.ports.directory.models()->all()) {
        if (model.not_ready.empty()) cards.push_back(card_of(services, model));
    }
    return cards;
}

wire::anthropic::ModelEntry for_anthropic(const Card& card, std::string id) {
    return {.id = std::move(id),
            .display_name = card.entry.id,
            .created_s = card.entry.created_s,
            .max_input_tokens = card.entry.context_length,
            .max_tokens = card.entry.max_output_tokens};
}

wire::gemini::ModelEntry for_gemini(const Card& card) {
    return {.id = card.entry.id,
            .display_name = card.entry.id,
            .description = card.entry.place,
            .input_tokens = card.entry.context_length,
            .output_tokens = card.entry.max_output_tokens,
            .chat = card.can.chat,
            .embedding = card.can.embedding};
}

wire::lmstudio::ModelEntry for_lmstudio(const Card& card) {
    using Type = wire::lmstudio::ModelEntry::Type;
    wire::lmstudio::ModelEntry out;
    out.id = card.entry.id;
    out.type = !card.can.chat && card.can.embedding ? Type::embeddings
               : card.can.images                    ? Type::vlm
                                                    : Type::llm;
    out.publisher = card.entry.owned_by;
    out.loaded = card.entry.state == "loaded";
    out.max_context_length = card.entry.context_length.value_or(0);
    if (card.can.tools) out.capabilities.emplace_back("tool_use");
    if (!card.file) return out;
    out.arch = card.file->facts.architecture;
    out.quantization = card.file->facts.quantization;
    return out;
}

// Claude Code's menu shows only names that begin with claude or anthropic.
bool shown_by_claude(std::string_view id) {
    return id.starts_with("claude") || id.starts_with("anthropic");
}

std::string anthropic_list(const std::vector<Card>& cards) {
    std::vector<wire::anthropic::ModelEntry> entries;
    for (const auto& card : cards) entries.push_back(for_anthropic(card, card.entry.id));
    for (const auto& card : cards) {
        if (!shown_by_claude(card.entry.id))
            entries.push_back(for_anthropic(card, std::string(upstream::kClaudeAlias) + card.entry.id));
    }
    return wire::anthropic::encode_models(entries);
}

std::string encode_card(const Card& card, Listing listing, const std::string& asked) {
    switch (listing) {
        case Listing::anthropic:
            return wire::anthropic::encode_model(for_anthropic(card, asked));
        case Listing::gemini:
            return wire::gemini::encode_model(for_gemini(card));
        case Listing::lmstudio:
            return wire::lmstudio::encode_model(for_lmstudio(card));
        case Listing::openai:
            break;
    }
    return wire::openai::encode_model(card.entry);
}

template <class Entry, class Make, class Encode>
std::string encode_all(const std::vector<Card>& cards, Make make, Encode encode) {
    std::vector<Entry> entries;
    entries.reserve(cards.size());
    for (const auto& card : cards) entries.push_back(make(card));
    return encode(entries);
}

}  // namespace

Listing listing_of(exchange::Dialect dialect) {
    if (dialect == exchange::Dialect::anthropic) return Listing::anthropic;
    if (dialect == exchange::Dialect::gemini) return Listing::gemini;
    return Listing::openai;
}

std::string models_json(Services& services, Listing listing) {
    const auto cards = all_cards(services);
    switch (listing) {
        case Listing::anthropic:
            return anthropic_list(cards);
        case Listing::gemini:
            return encode_all<wire::gemini::ModelEntry>(cards, for_gemini, wire::gemini::encode_models);
        case Listing::lmstudio:
            return encode_all<wire::lmstudio::ModelEntry>(cards, for_lmstudio, wire::lmstudio::encode_models);
        case Listing::openai:
            break;
    }
    return encode_all<wire::openai::ModelEntry>(
        cards, [](const Card& card) { return card.entry; }, wire::openai::encode_models);
}

Result<std::string> model_json(Services& services, Listing listing, const std::string& asked) {
    const auto name = services.ports.directory.resolve_alias(asked);
    if (std::ranges::find(kChoosers, name) != std::end(kChoosers))
        return encode_card(chooser(name), listing, asked);
    const auto models = services.ports.directory.models();
    if (const auto* model = models->find(name)) return encode_card(card_of(services, *model), listing, asked);
    const auto near = route::nearest(name, *models);
    return fail(Code::not_found,
                fmt::format("The model '{}' is not known here.{}", name.substr(0, 200),
                            near.empty() ? "" : fmt::format(" Nearest: {}.", fmt::join(near, ", "))),
                "model");
}

void register_gauges(telemetry::Registry& registry, Services& services) {
    const auto ledger = [&services](auto field) {
        return [&services, field] { return static_cast<double>(services.ports.ledger.health().*field); };
    };
    registry.gauge_from("hearth_ledger_writable", "1 when the ledger can be written.",
                        [&services] { return services.ports.ledger.health().writable ? 1.0 : 0.0; });
    registry.gauge_from("hearth_ledger_backlog", "Entries in memory, waiting for the disk.",
                        ledger(&ledger::Health::backlog));
    registry.counter_from("hearth_ledger_commits_total", "Transactions.", ledger(&ledger::Health::commits));
    registry.counter_from("hearth_ledger_operations_total", "Rows written.",
                          ledger(&ledger::Health::operations));
    registry.counter_from("hearth_client_connects_total", "Outbound connections opened.",
                          [&services] { return static_cast<double>(services.client.stats().connects); });
    registry.counter_from("hearth_client_reuses_total", "Outbound requests over a kept connection.",
                          [&services] { return static_cast<double>(services.client.stats().reuses); });
    registry.gauge_from("hearth_client_active", "Outbound exchanges under way.",
                        [&services] { return static_cast<double>(services.client.stats().active); });
    registry.gauge_from("hearth_engine_workers", "Worker processes.",
                        [&services] { return static_cast<double>(services.supervisor.ps().size()); });
    registry.gauge_from("hearth_engine_memory_bytes", "Memory of all workers.", [&services] {
        double sum = 0;
        for (const auto& worker : services.supervisor.ps()) sum += static_cast<double>(worker.memory_bytes);
        return sum;
    });
    registry.gauge_from("hearth_circuits_open", "Upstreams that are not asked for a while.", [&services] {
        double open = 0;
        for (const auto& row : services.ports.circuits.rows()) open += row.state == "closed" ? 0 : 1;
        return open;
    });
}

}  // namespace hearth::gateway

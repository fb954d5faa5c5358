#include "gateway/model_lists.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "wire/dialects.h"
#include "wire/lmstudio/models.h"

namespace hearth::gateway {

namespace {

std::vector<std::string> capability_names(const route::Abilities& can) {
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

// Whether a model chats, and the file behind one of our own: LM Studio's format shows more than the card has.
struct Listed {
    wire::ModelCard card;
    route::Abilities can;
    const models::Model* file = nullptr;
};

Listed listed(Services& services, const route::Model& model) {
    Listed out;
    const bool own = model.provider == route::kEngine;
    out.can = model.can;
    auto& card = out.card;
    card.id = own ? model.id : model.full_name();
    card.owned_by = own ? "hearth" : model.provider;
    if (model.can.context_tokens > 0) card.context_length = model.can.context_tokens;
    card.place = place_name(model.place);
    card.capabilities = capability_names(model.can);
    card.state = model.not_ready.empty() ? "available" : "not ready";
    card.chat = model.can.chat;
    card.embedding = model.can.embedding;
    out.file = own ? services.ports.directory.own(model.id) : nullptr;
    if (!out.file) return out;
    if (services.supervisor.loaded(out.file->name)) card.state = "loaded";
    card.created_s = std::chrono::duration_cast<seconds>(out.file->added.time_since_epoch()).count();
    return out;
}

// "auto", "local" and "cloud": names that let Hearth choose.
constexpr std::string_view kChoosers[] = {"auto", "local", "cloud"};

Listed chooser(std::string id) {
    Listed out;
    out.card.id = std::move(id);
    out.card.owned_by = "hearth";
    out.card.state = "available";
    return out;
}

std::vector<Listed> all_models(Services& services) {
    std::vector<Listed> all;
    for (const auto name : kChoosers) all.push_back(chooser(std::string(name)));
    for (const auto& model : services.ports.directory.models()->all()) {
        if (model.not_ready.empty()) all.push_back(listed(services, model));
    }
    return all;
}

wire::lmstudio::ModelEntry for_lmstudio(const Listed& model) {
    using Type = wire::lmstudio::ModelEntry::Type;
    wire::lmstudio::ModelEntry out;
    out.id = model.card.id;
    out.type = !model.can.chat && model.can.embedding ? Type::embeddings
               : model.can.images                     ? Type::vlm
                                                      : Type::llm;
    out.publisher = model.card.owned_by;
    out.loaded = model.card.state == "loaded";
    out.max_context_length = model.card.context_length.value_or(0);
    if (model.can.tools) out.capabilities.emplace_back("tool_use");
    if (!model.file) return out;
    out.arch = model.file->facts.architecture;
    out.quantization = model.file->facts.quantization;
    return out;
}

// The dialect's own writer, or OpenAI's where it has none.
const wire::ModelListWriter& writer_of(exchange::Dialect dialect) {
    const auto& own = wire::dialect_row(dialect).models;
    return own.list ? own : wire::dialect_row(exchange::Dialect::openai).models;
}

}  // namespace

std::string models_json(Services& services, ListFormat format, exchange::Dialect dialect) {
    const auto models = all_models(services);
    if (format == ListFormat::lmstudio) {
        std::vector<wire::lmstudio::ModelEntry> entries;
        for (const auto& model : models) entries.push_back(for_lmstudio(model));
        return wire::lmstudio::encode_models(entries);
    }
    std::vector<wire::ModelCard> cards;
    for (const auto& model : models) cards.push_back(model.card);
    return writer_of(dialect).list(cards);
}

Result<std::string> model_json(Services& services, ListFormat format, exchange::Dialect dialect,
                               const std::string& requested) {
    const auto write = [&](const Listed& model) {
        return format == ListFormat::lmstudio ? wire::lmstudio::encode_model(for_lmstudio(model))
                                              : writer_of(dialect).one(model.card, requested);
    };
    const auto name = services.ports.directory.resolve_alias(requested);
    if (std::ranges::find(kChoosers, name) != std::end(kChoosers)) return write(chooser(name));
    const auto models = services.ports.directory.models();
    if (const auto* model = models->find(name)) return write(listed(services, *model));
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

#include "pipeline/listing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wire/openai/models.h"

namespace hearth::pipeline {

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

wire::openai::ModelEntry entry_of(Services& services, const route::Model& model) {
    const bool own = model.provider == route::kEngine;
    wire::openai::ModelEntry entry;
    entry.id = own ? model.id : model.full_name();
    entry.owned_by = own ? "hearth" : model.provider;
    if (model.can.context_tokens > 0) entry.context_length = model.can.context_tokens;
    entry.place = place_name(model.place);
    entry.capabilities = words_of(model.can);
    entry.state = model.not_ready.empty() ? "available" : "not ready";
    if (own) {
        const auto* file = services.world.own(model.id);
        if (file && services.supervisor.loaded(file->name)) entry.state = "loaded";
        if (file)
            entry.created_s = std::chrono::duration_cast<seconds>(file->added.time_since_epoch()).count();
    }
    return entry;
}

wire::openai::ModelEntry chooser(std::string id) {
    wire::openai::ModelEntry entry;
    entry.id = std::move(id);
    entry.owned_by = "hearth";
    entry.state = "available";
    return entry;
}

}  // namespace

std::string models_json(Services& services) {
    std::vector<wire::openai::ModelEntry> entries;
    for (const char* name : {"auto", "local", "cloud"}) entries.push_back(chooser(name));
    for (const auto& model : services.world.models()->all()) {
        if (model.not_ready.empty()) entries.push_back(entry_of(services, model));
    }
    return wire::openai::encode_models(entries);
}

Result<std::string> model_json(Services& services, const std::string& name) {
    if (name == "auto" || name == "local" || name == "cloud")
        return wire::openai::encode_model(chooser(name));
    const auto models = services.world.models();
    if (const auto* model = models->find(name)) return wire::openai::encode_model(entry_of(services, *model));
    const auto near = route::nearest(name, *models);
    return fail(Code::not_found,
                fmt::format("The model '{}' is not known here.{}", name.substr(0, 200),
                            near.empty() ? "" : fmt::format(" Nearest: {}.", fmt::join(near, ", "))),
                "model");
}

void register_gauges(telemetry::Registry& registry, Services& services) {
    const auto ledger = [&services](auto field) {
        return [&services, field] { return static_cast<double>(services.ledger.health().*field); };
    };
    registry.gauge_from("hearth_ledger_writable", "1 when the ledger can be written.",
                        [&services] { return services.ledger.health().writable ? 1.0 : 0.0; });
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
        for (const auto& row : services.health.rows()) open += row.state == "closed" ? 0 : 1;
        return open;
    });
}

}  // namespace hearth::pipeline

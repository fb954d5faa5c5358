// What is: status, models, workers, the ledger, and where a request would go.
#include <fmt/format.h>

#include <charconv>

#include "admin/api/endpoints.h"
#include "gateway/reply.h"
#include "ledger/json.h"
#include "pipeline/plan.h"
#include "text/json_require.h"
#include "text/json_writer.h"

namespace hearth::admin {

namespace {

std::string_view confinement_name(const std::optional<engine::ConfinementReport>& report) {
    if (!report) return "";
    switch (report->level) {
        case engine::Confinement::none:
            return "none";
        case engine::Confinement::partial:
            return "partial";
        case engine::Confinement::kernel:
            return "kernel";
    }
    return "";
}

bool is_loaded(gateway::Services& services, const route::Model& model) {
    if (model.provider != route::kEngine) return false;
    const auto* own = services.ports.directory.own(model.id);
    return own && services.supervisor.loaded(own->name);
}

Result<std::int64_t> number_of(const text::QueryParameters& query, std::string_view name,
                               std::int64_t otherwise) {
    const auto text = text::find_parameter(query, name);
    if (!text) return otherwise;
    std::int64_t value = 0;
    const auto [end, bad] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (bad != std::errc{} || end != text->data() + text->size() || value < 0) {
        return fail(Code::invalid_request, fmt::format("'{}' must be a whole number.", name),
                    std::string(name));
    }
    return value;
}

Result<ledger::Query> ledger_query(const text::QueryParameters& parameters) {
    ledger::Query query;
    const auto limit = number_of(parameters, "limit", static_cast<std::int64_t>(query.limit));
    if (!limit) return fail(limit.error());
    if (*limit < 1 || *limit > static_cast<std::int64_t>(ledger::kMaxQuery)) {
        return fail(Code::invalid_request, fmt::format("'limit' must be from 1 to {}.", ledger::kMaxQuery),
                    "limit");
    }
    query.limit = static_cast<std::size_t>(*limit);
    const auto before = number_of(parameters, "before", 0);
    if (!before) return fail(before.error());
    query.before = *before;
    const auto text = [&](std::string_view name) {
        return std::string(text::find_parameter(parameters, name).value_or(std::string_view{}));
    };
    query.provider = text("provider");
    query.model = text("model");
    query.project = text("project");
    query.key = text("key");
    query.request_id = text("request_id");
    if (const auto place = text("place"); !place.empty()) {
        query.place = place_from(place);
        if (!query.place)
            return fail(Code::invalid_request, "'place' is local, loopback, lan or cloud.", "place");
    }
    if (const auto status = text("status"); !status.empty()) {
        query.status = ledger::status_from(status);
        if (!query.status) {
            return fail(Code::invalid_request,
                        "'status' is ok, error, cancelled, refused, interrupted or running.", "status");
        }
    }
    return query;
}

void write_providers(json::Writer& w, gateway::Services& services) {
    w.key("providers").begin_array();
    for (const auto& p : services.ports.settings->providers.all()) {
        w.begin_object().member("id", p.id).member("place", place_name(p.place)).member("enabled", p.enabled);
        if (p.base) w.member("address", p.base->to_string());
        w.member("key_from", p.key_from).member("not_ready", p.not_ready());
        w.member("found", services.ports.directory.found().contains(p.id)).end_object();
    }
    w.end_array();
}

}  // namespace

Task<void> show_status(Call& call) {
    auto& services = call.services;
    std::string out;
    json::Writer w(out);
    const auto health = services.ports.ledger.health();
    w.begin_object().member("status", "ok").member("instance", services.instance);
    w.member("home", services.config().home.root.string())
        .member("offline", services.config().policy.offline);
    w.key("ledger").begin_object().member("writable", health.writable).member("problem", health.problem);
    w.member("backlog", health.backlog).member("recovered", health.recovered).end_object();
    write_providers(w, services);
    w.key("circuits").begin_array();
    for (const auto& row : services.ports.circuits.rows()) {
        w.begin_object()
            .member("provider", row.provider)
            .member("state", row.state)
            .member("failures", row.failures);
        w.member("retry_in_ms", row.retry_in_ms).member("last_error", row.last_error).end_object();
    }
    w.end_array();
    w.key("prices")
        .begin_object()
        .member("source", services.ports.prices.source())
        .member("date", services.ports.prices.date())
        .end_object();
    w.end_object();
    co_await gateway::reply_json(services, call.exchange, 200, std::move(out));
}

Task<void> list_models(Call& call) {
    auto& services = call.services;
    std::string out;
    json::Writer w(out);
    w.begin_object().key("models").begin_array();
    for (const auto& model : services.ports.directory.models()->all()) {
        const bool own = model.provider == route::kEngine;
        w.begin_object()
            .member("name", own ? model.id : model.full_name())
            .member("provider", model.provider);
        w.member("place", place_name(model.place)).member("bytes", model.bytes);
        w.member("context_tokens", model.can.context_tokens).member("loaded", is_loaded(services, model));
        w.member("not_ready", model.not_ready).end_object();
    }
    w.end_array().end_object();
    co_await gateway::reply_json(services, call.exchange, 200, std::move(out));
}

Task<void> list_workers(Call& call) {
    std::string out;
    json::Writer w(out);
    w.begin_object().key("workers").begin_array();
    for (const auto& worker : call.services.supervisor.ps()) {
        w.begin_object()
            .member("model", worker.model)
            .member("state", engine::worker_state_name(worker.state));
        w.member("pid", worker.pid).member("load_fraction", worker.load_fraction);
        w.member("memory_bytes", worker.memory_bytes).member("context_tokens", worker.context_tokens);
        w.member("sequences", worker.sequences).member("open", worker.open).member("running", worker.running);
        w.member("waiting", worker.waiting).member("confinement", confinement_name(worker.confinement));
        w.member("tokens_per_second", worker.tokens_per_second).member("load_ms", worker.load_ms);
        w.member("crashes", worker.crashes).member("last_error", worker.last_error);
        w.member("last_used", to_rfc3339(worker.last_used));
        w.key("unload_at");
        if (worker.unload_at) {
            w.string(to_rfc3339(*worker.unload_at));
        } else {
            w.null();
        }
        w.end_object();
    }
    w.end_array().end_object();
    co_await gateway::reply_json(call.services, call.exchange, 200, std::move(out));
}

Task<void> list_ledger(Call& call) {
    const auto query = ledger_query(call.query);
    if (!query) {
        co_await gateway::reply_error(call.services, call.exchange, query.error());
        co_return;
    }
    const auto entries = co_await call.services.ports.ledger.recent(*query);
    if (entries) {
        co_await gateway::reply_json(call.services, call.exchange, 200, ledger::entries_json(*entries));
    } else {
        co_await gateway::reply_error(call.services, call.exchange, entries.error());
    }
}

Task<void> show_route(Call& call) {
    const auto name = json::optional_string(call.body, "model");
    const auto text = json::optional_string(call.body, "text");
    const auto project = json::optional_string(call.body, "project");
    if (!name || !text || !project) {
        co_await gateway::reply_error(call.services, call.exchange,
                                      !name   ? name.error()
                                      : !text ? text.error()
                                              : project.error());
        co_return;
    }
    const std::string model(name->value_or("auto"));
    const auto plan = pipeline::plan_for_chat(call.services.ports, std::string(project->value_or("default")),
                                              model, text->value_or(""));
    if (!plan) {
        co_await gateway::reply_error(call.services, call.exchange, plan.error());
        co_return;
    }
    std::string out;
    json::Writer w(out);
    w.begin_object().member("asked", model).key("steps").begin_array();
    for (const auto& step : plan->steps) {
        w.begin_object()
            .member("model", step.model->full_name())
            .member("place", place_name(step.model->place));
        w.member("reason", step.reason).end_object();
    }
    w.end_array().key("refusals").begin_array();
    for (const auto& refusal : plan->refusals)
        w.begin_object().member("model", refusal.model).member("why", refusal.why).end_object();
    w.end_array().end_object();
    co_await gateway::reply_json(call.services, call.exchange, 200, std::move(out));
}

}  // namespace hearth::admin

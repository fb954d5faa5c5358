#include <fmt/format.h>

#include "pipeline/context.h"
#include "pipeline/plan.h"
#include "pipeline/ports.h"
#include "text/json_writer.h"
#include "wire/codecs.h"

namespace hearth::pipeline {

namespace {

// Kinds file and batch: the one candidate is the provider that the client named (x-hearth-provider).
Result<route::Plan> plan_for_named_provider(const RequestContext& context) {
    const auto& settings = *context.settings;
    const auto& name = context.ingress.provider;
    const auto* provider = settings.providers.find(name);
    if (!provider)
        return fail(Code::not_found,
                    fmt::format("x-hearth-provider: no provider '{}' is known here; without the header, "
                                "Hearth keeps files and batches itself.",
                                name.substr(0, 100)));
    if (auto why = settings.gate.refusal(context.caller.project, name, provider->place); !why.empty())
        return fail(Code::forbidden, why);
    if (auto why = provider->not_ready(); !why.empty()) return fail(Code::unauthenticated, why);
    auto model = std::make_shared<route::Model>();
    model->provider = name;
    model->id = exchange::kind_name(context.kind());
    model->place = provider->place;
    route::Plan plan;
    plan.steps.push_back({.model = model.get(), .reason = "named by x-hearth-provider"});
    plan.unlisted = std::move(model);
    return plan;
}

}  // namespace

Result<route::Plan> plan_for(const Ports& ports, const std::string& project, const exchange::Request& request,
                             const exchange::Needs& needs) {
    const auto& directory = ports.directory;
    route::Ask ask{directory.resolve_alias(request.model), request.kind, needs};
    const auto models = directory.models();
    if (!models->find(ask.name)) ask.unlisted = directory.unlisted(ask.name);
    const auto& gate = ports.settings->gate;
    route::Checks checks;
    checks.refused = [&](const std::string& provider, Place place) {
        return gate.refusal(project, provider, place);
    };
    checks.unhealthy = [&](const route::Model& model) { return ports.circuits.unhealthy(model); };
    checks.loaded = [&](const route::Model& model) {
        const auto* own = directory.own(model.id);
        return own && ports.engine.loaded(own->name);
    };
    return route::decide(ask, models, directory.preferences(), checks);
}

Result<route::Plan> plan_for_chat(const Ports& ports, const std::string& project, std::string_view model,
                                  std::string_view text) {
    std::string body;
    json::Writer w(body);
    w.begin_object().member("model", model).key("messages").begin_array();
    w.begin_object().member("role", "user").member("content", text).end_object();
    w.end_array().end_object();
    json::Document document;
    if (const auto root = document.parse(body); !root) return fail(root.error());
    const auto request = wire::client_codec(exchange::Dialect::openai)->decode({}, document);
    if (!request) return fail(request.error());
    return plan_for(ports, project, *request, exchange::needs_of(*request));
}

Result<void> plan(Ports& ports, RequestContext& context) {
    auto plan = context.ingress.provider.empty()
                    ? plan_for(ports, context.caller.project, context.request(), context.conversation.needs)
                    : plan_for_named_provider(context);
    if (!plan) return fail(std::move(plan.error()));
    context.plan = std::move(*plan);
    return {};
}

}  // namespace hearth::pipeline

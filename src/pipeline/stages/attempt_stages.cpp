// What is done for each candidate before it is asked. Short stages that need no file of their own.
#include <fmt/format.h>

#include "pipeline/context.h"
#include "pipeline/ports.h"
#include "pipeline/record.h"

namespace hearth::pipeline {

Task<Result<void>> reserve(Ports&, const RequestContext&, Record& record, Attempt& attempt) {
    return record.reserve(attempt);
}

Result<void> resolve(Ports&, const RequestContext& context, Record&, Attempt& attempt) {
    const auto& model = attempt.model();
    if (model.provider == route::kEngine) return {};
    attempt.upstream = context.settings->upstreams.find(model.provider);
    if (!attempt.upstream)
        return fail(Code::unavailable, fmt::format("The provider '{}' has no address.", model.provider));
    if (exchange::passes_through(context.kind())) return {};
    const auto client = context.ingress.dialect;
    const auto& request = context.request();
    attempt.wire = &attempt.upstream->wire_for(client, request.kind);
    // A body may have come to another dialect's endpoint than its own (Cursor does so): its bytes suit no upstream.
    attempt.same_dialect = request.dialect == client &&
                           attempt.wire->can_forward_bytes(request, client, context.ingress.call.endpoint);
    return {};
}

Result<void> obtain_permit(Ports&, const RequestContext& context, Record& record, Attempt& attempt) {
    if (!attempt.upstream) return {};
    auto to = attempt.upstream->gate;
    to.place = attempt.model().place;
    auto permit =
        context.settings->gate.permit(context.caller.project, to, fmt::format_int(record.entry()).str());
    if (!permit) return fail(std::move(permit.error()));
    attempt.permit = std::move(*permit);
    return {};
}

Result<void> take_trial(Ports& ports, const RequestContext&, Record&, Attempt& attempt) {
    if (!attempt.upstream) return {};
    const auto& name = attempt.upstream->provider.id;
    attempt.trial = ports.circuits.take(name);
    if (attempt.trial.open()) return {};
    auto busy =
        fail(Code::unavailable, fmt::format("{} failed lately and another request is trying it.", name));
    busy.error()->retry_after_ms = ports.circuits.retry_in_ms(name);
    return busy;
}

}  // namespace hearth::pipeline

#include "pipeline/discovery.h"

#include "provider/discover.h"
#include "provider/outbound.h"

namespace hearth::pipeline {

namespace {

// A port where nobody listens refuses at once; one that is filtered must not hold up the others.
constexpr client::Timeouts kTimeouts{.connect = milliseconds(500),
                                     .headers = milliseconds(2000),
                                     .idle = milliseconds(2000),
                                     .total = milliseconds(5000)};

Task<provider::ProbeAnswer> ask(Services& services, const Upstream& upstream, std::string path,
                                StopToken stop) {
    provider::ProbeAnswer answer;
    answer.path = path;
    // Discovery is not a project's request: the defaults decide, and --offline lets this machine be asked.
    auto permit = services.gate.permit({}, upstream.gate, "discovery");
    if (!permit) co_return answer;
    client::Request request;
    request.method = "GET";
    request.target = path;
    request.headers.append("accept", "application/json");
    request.headers.append("accept-encoding", "identity");
    request.headers.append(provider::kHopHeader, "1");
    auto response = co_await services.client.send(*permit, upstream.to, std::move(request), kTimeouts, stop);
    if (!response) co_return answer;
    auto body = co_await (*response)->read_all(provider::kProbeBytes);
    if (!body) co_return answer;
    answer.status = (*response)->status();
    answer.body = std::move(*body);
    co_return answer;
}

Task<void> look_at(Services& services, const Upstream& upstream, StopToken stop) {
    const auto& provider = upstream.provider;
    std::vector<provider::ProbeAnswer> answers;
    for (auto& probe : provider::probes(provider.runtime)) {
        auto answer = co_await ask(services, upstream, probe.path, stop);
        const bool refused = answer.status != 200;
        answers.push_back(std::move(answer));
        if (probe.required && refused) {
            services.directory.set_found(provider.id, nullptr);
            co_return;
        }
    }
    const auto found = provider::read_probes(provider.runtime, answers);
    services.directory.set_found(provider.id, found ? &*found : nullptr);
}

}  // namespace

Task<void> look_for_local_servers(Services& services, StopToken stop) {
    for (const auto& provider : services.providers.all()) {
        if (stop.stopped()) co_return;
        const auto* upstream = services.upstreams.find(provider.id);
        if (upstream && provider.enabled && provider.runtime != provider::Runtime::none) {
            co_await look_at(services, *upstream, stop);
        }
    }
}

Task<void> watch_local_servers(Services& services, StopToken stop) {
    while (!stop.stopped()) {
        co_await look_for_local_servers(services, stop);
        co_await services.loop.sleep(kWatchInterval, stop);
    }
}

}  // namespace hearth::pipeline

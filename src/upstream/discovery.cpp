#include "upstream/discovery.h"

#include "provider/discover.h"
#include "provider/outbound.h"

namespace hearth::upstream {

namespace {

// A port without a listener refuses at once; one that is filtered must not delay the others.
constexpr client::Timeouts kProbeTimeouts{.connect = milliseconds(500),
                                          .headers = milliseconds(2000),
                                          .idle = milliseconds(2000),
                                          .total = milliseconds(5000)};

}  // namespace

Task<provider::ProbeAnswer> Discovery::ask(const Settings& settings, const Upstream& upstream,
                                           std::string path, StopToken stop) {
    provider::ProbeAnswer answer;
    answer.path = path;
    // Discovery is not a project's request: the defaults decide, and --offline lets this machine be asked.
    const auto cleared = settings.gate.clear({}, upstream.gate, "discovery", {});
    if (!cleared) co_return answer;
    client::Request request;
    request.method = "GET";
    request.target = path;
    request.headers.append("accept", "application/json");
    request.headers.append("accept-encoding", "identity");
    request.headers.append(provider::kHopHeader, "1");
    auto response = co_await client_.send(*cleared, upstream.to, std::move(request), kProbeTimeouts, stop);
    if (!response) co_return answer;
    auto body = co_await (*response)->read_all(provider::kProbeBytes);
    if (!body) co_return answer;
    answer.status = (*response)->status();
    answer.body = std::move(*body);
    co_return answer;
}

Task<void> Discovery::look_at(const Settings& settings, const Upstream& upstream, StopToken stop) {
    const auto& provider = upstream.provider;
    std::vector<provider::ProbeAnswer> answers;
    for (auto& probe : provider::probes(provider.runtime)) {
        auto answer = co_await ask(settings, upstream, probe.path, stop);
        const bool refused = answer.status != 200;
        answers.push_back(std::move(answer));
        if (probe.required && refused) {
            directory_.set_found(provider.id, nullptr);
            co_return;
        }
    }
    const auto found = provider::read_probes(provider.runtime, answers);
    directory_.set_found(provider.id, found ? &*found : nullptr);
}

Task<void> Discovery::look(StopToken stop) {
    const auto settings = settings_;
    for (const auto& provider : settings->providers.all()) {
        if (stop.stopped()) co_return;
        const auto* upstream = settings->upstreams.find(provider.id);
        if (upstream && provider.enabled && provider.runtime != provider::Runtime::none)
            co_await look_at(*settings, *upstream, stop);
    }
}

Task<void> Discovery::watch(StopToken stop) {
    while (!stop.stopped()) {
        if (settings_->config.client.watch_local_servers) co_await look(stop);
        co_await loop_.sleep(kInterval, stop);
    }
}

}  // namespace hearth::upstream

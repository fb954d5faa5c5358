#include "resources/downloads/download.h"

#include "provider/provider.h"
#include "text/url.h"

namespace hearth::resources {

namespace {

Place place_of_host(const std::string& host) {
    return provider::is_loopback_host(host) ? Place::loopback : Place::cloud;
}

}  // namespace

Task<Result<void>> Download::begin(std::string source, std::string by) {
    const auto parsed = models::parse_source(source);
    if (!parsed) co_return fail(parsed.error());
    source_ = std::move(source);
    if (parsed->kind == models::Source::Kind::file) co_return Result<void>{};  // nothing goes out
    const auto url = text::parse_url(parsed->text);
    const std::string host = url ? url->host : "hub";
    ledger::Intent intent;
    intent.request_id = exchange_.id();
    intent.time = services_.ports.loop.clock().wall();
    intent.client = std::move(by);
    intent.project = "default";
    intent.dialect = "download";
    intent.kind = "download";
    intent.requested_model = source_;
    intent.to = {.provider = host,
                 .model = source_,
                 .place = place_of_host(host),
                 .region = {},
                 .reason = "hearth pull"};
    const auto begun = co_await services_.ports.ledger.begin(intent);
    if (!begun) co_return fail(begun.error());
    entry_ = begun->id;
    co_return Result<void>{};
}

Task<Result<models::Model>> Download::run(models::PullOptions options) {
    options.clear = [settings = services_.ports.settings, entry = entry_](const text::Url& url) {
        return settings->gate.clear("default",
                                    {"download", url.scheme, url.host, url.port, place_of_host(url.host)},
                                    std::to_string(entry), {});
    };
    auto pulled = co_await models::pull(services_.ports.loop, services_.ports.client, services_.store,
                                        source_, std::move(options), exchange_.gone());
    if (entry_ != 0) {
        ledger::Settlement settlement;
        settlement.id = entry_;
        settlement.status = pulled                                    ? ledger::Status::ok
                            : pulled.error()->code == Code::cancelled ? ledger::Status::cancelled
                                                                      : ledger::Status::error;
        if (!pulled) settlement.error = code_name(pulled.error()->code);
        settlement.cost = 0;
        [[maybe_unused]] const auto kept = co_await services_.ports.ledger.settle(settlement);
    }
    if (pulled) co_await services_.refresh_models();
    co_return pulled;
}

void ProgressStream::start() {
    http::HeaderList headers;
    headers.append("content-type", "application/x-ndjson");
    headers.append("x-hearth-request-id", exchange_.id());
    [[maybe_unused]] const auto started = exchange_.start(200, headers);
}

void ProgressStream::add(std::string line) {
    if (!writing_) add_always(std::move(line));
}

void ProgressStream::add_always(std::string line) {
    if (closed_) return;
    pending_ += line;
    if (writing_) return;
    writing_ = true;
    spawn(flush());
}

Task<void> ProgressStream::end(std::string last_line) {
    closed_ = true;
    if (writing_) co_await idle_;
    [[maybe_unused]] const auto written = co_await exchange_.write(std::string_view(last_line));
    [[maybe_unused]] const auto finished = co_await exchange_.finish();
}

Task<void> ProgressStream::flush() {
    while (!pending_.empty()) {
        const auto bytes = std::exchange(pending_, {});
        [[maybe_unused]] const auto written = co_await exchange_.write(std::string_view(bytes));
    }
    writing_ = false;
    if (closed_) idle_.set(true);
}

Task<Result<std::uint64_t>> remove_stored(gateway::Services& services, std::string name) {
    auto* store = &services.store;
    auto freed = co_await services.ports.loop.run_blocking([store, name] { return store->remove(name); });
    if (!freed) co_return freed;  // a model that may not be removed stays loaded
    if (services.supervisor.loaded(name)) {
        [[maybe_unused]] const auto unloaded = co_await services.supervisor.unload(name, true);
    }
    co_await services.refresh_models();
    co_return freed;
}

}  // namespace hearth::resources

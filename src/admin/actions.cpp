// What changes something: load, unload, remove, pull, stop.
#include <fmt/format.h>

#include "admin/endpoints.h"
#include "models/pull.h"
#include "pipeline/reply.h"
#include "provider/provider.h"
#include "text/json_require.h"
#include "text/json_writer.h"

namespace hearth::admin {

namespace {

Task<void> reply_done(Call& call, std::string_view key, std::string_view value) {
    std::string out;
    json::Writer(out).begin_object().member(key, value).end_object();
    co_await pipeline::reply_json(call.services, call.exchange, 200, std::move(out));
}

// The model that a body or a query names.
Task<Result<models::Model>> resolve(Call& call, std::string name) {
    auto* store = &call.services.store;
    co_return co_await call.services.loop.run_blocking([store, name] { return store->resolve(name); });
}

Task<Result<models::Model>> named_in_body(Call& call) {
    const auto name = json::require_string(call.body, "model");
    if (!name) co_return fail(name.error());
    co_return co_await resolve(call, std::string(*name));
}

// A download leaves its line like everything that goes out.
struct Download {
    Call& call;
    ledger::EntryId entry = 0;

    Task<Result<void>> begin(const std::string& source, const std::string& host, Place place) {
        ledger::Intent intent;
        intent.request_id = call.exchange.id();
        intent.time = call.services.loop.clock().wall();
        intent.client = "pull";
        intent.project = "default";
        intent.dialect = "download";
        intent.kind = "download";
        intent.requested_model = source;
        intent.to = {
            .provider = host, .model = source, .place = place, .region = {}, .reason = "hearth pull"};
        const auto begun = co_await call.services.ledger.begin(intent);
        if (!begun) co_return fail(begun.error());
        entry = begun->id;
        co_return Result<void>{};
    }
    Task<void> settle(const Result<models::Model>& pulled) {
        if (entry == 0) co_return;
        ledger::Settlement settlement;
        settlement.id = entry;
        settlement.status = pulled                                    ? ledger::Status::ok
                            : pulled.error()->code == Code::cancelled ? ledger::Status::cancelled
                                                                      : ledger::Status::error;
        if (!pulled) settlement.error = code_name(pulled.error()->code);
        settlement.cost = 0;
        [[maybe_unused]] const auto kept = co_await call.services.ledger.settle(settlement);
    }
};

void append_progress(std::string& out, const models::Progress& progress) {
    json::Writer w(out);
    w.begin_object().member("stage", models::stage_name(progress.stage)).member("file", progress.file);
    w.member("done", progress.done)
        .member("total", progress.total)
        .member("bytes_per_second", progress.bytes_per_second);
    w.end_object();
    out += '\n';
}

// Progress comes from inside the pull; the client is written to beside it, so that a slow reader never slows a download.
class ProgressStream {
  public:
    explicit ProgressStream(server::Exchange& exchange) : exchange_(exchange) {}
    void add(const models::Progress& progress) {
        if (writing_ || closed_) return;  // the next one will say it
        append_progress(pending_, progress);
        writing_ = true;
        spawn(flush());
    }
    Task<void> end(std::string last_line) {
        closed_ = true;
        if (writing_) co_await idle_;
        [[maybe_unused]] const auto written = co_await exchange_.write(std::string_view(last_line));
        [[maybe_unused]] const auto finished = co_await exchange_.finish();
    }

  private:
    Task<void> flush() {
        const auto bytes = std::exchange(pending_, {});
        [[maybe_unused]] const auto written = co_await exchange_.write(std::string_view(bytes));
        writing_ = false;
        if (closed_) idle_.set(true);
    }
    server::Exchange& exchange_;
    std::string pending_;
    bool writing_ = false, closed_ = false;
    Promised<bool> idle_;
};

Place place_of_host(const std::string& host) {
    return provider::is_loopback_host(host) ? Place::loopback : Place::cloud;
}

}  // namespace

Task<void> load_model(Call& call) {
    auto model = co_await named_in_body(call);
    if (!model) {
        co_await pipeline::reply_error(call.services, call.exchange, std::move(model.error()));
        co_return;
    }
    const auto name = model->name;
    const auto facts = co_await call.services.supervisor.load(std::move(*model), {}, call.exchange.gone());
    if (facts) {
        co_await reply_done(call, "loaded", name);
    } else {
        co_await pipeline::reply_error(call.services, call.exchange, facts.error());
    }
}

Task<void> unload_model(Call& call) {
    auto model = co_await named_in_body(call);
    auto done = model ? co_await call.services.supervisor.unload(model->name, true)
                      : Result<void>(fail(model.error()));
    if (done) {
        co_await reply_done(call, "unloaded", model->name);
    } else {
        co_await pipeline::reply_error(call.services, call.exchange, std::move(done.error()));
    }
}

Task<void> remove_model(Call& call) {
    const std::string name(text::find_parameter(call.query, "name").value_or(std::string_view{}));
    auto model = co_await resolve(call, name);
    if (!model) {
        co_await pipeline::reply_error(call.services, call.exchange, std::move(model.error()));
        co_return;
    }
    if (call.services.supervisor.loaded(model->name)) {
        [[maybe_unused]] const auto unloaded = co_await call.services.supervisor.unload(model->name, true);
    }
    auto* store = &call.services.store;
    const auto canonical = model->name;
    auto freed =
        co_await call.services.loop.run_blocking([store, canonical] { return store->remove(canonical); });
    if (!freed) {
        co_await pipeline::reply_error(call.services, call.exchange, std::move(freed.error()));
        co_return;
    }
    co_await call.admin.refresh();
    std::string out;
    json::Writer(out).begin_object().member("removed", canonical).member("freed_bytes", *freed).end_object();
    co_await pipeline::reply_json(call.services, call.exchange, 200, std::move(out));
}

Task<void> pull_model(Call& call) {
    auto& services = call.services;
    const auto source = json::require_string(call.body, "source");
    const auto name = json::optional_string(call.body, "name");
    if (!source || !name) {
        co_await pipeline::reply_error(services, call.exchange, !source ? source.error() : name.error());
        co_return;
    }
    const std::string source_text(*source);  // the body is given back once the answer begins
    models::PullOptions options;
    if (*name) {
        auto parsed = models::parse_name(**name);
        if (!parsed) {
            co_await pipeline::reply_error(services, call.exchange, std::move(parsed.error()));
            co_return;
        }
        options.name = std::move(*parsed);
    }
    const auto parsed_source = models::parse_source(source_text);
    if (!parsed_source) {
        co_await pipeline::reply_error(services, call.exchange, parsed_source.error());
        co_return;
    }
    Download download{call};
    if (parsed_source->kind != models::Source::Kind::file) {
        const auto url = text::parse_url(parsed_source->text);
        const std::string host = url ? url->host : "hub";
        const auto begun = co_await download.begin(source_text, host, place_of_host(host));
        if (!begun) {
            co_await pipeline::reply_error(services, call.exchange, begun.error());
            co_return;
        }
    }
    options.permit = [&services, &download](const text::Url& url) {
        return services.gate.permit("default",
                                    {"download", url.scheme, url.host, url.port, place_of_host(url.host)},
                                    std::to_string(download.entry));
    };
    ProgressStream stream(call.exchange);
    options.on_progress = [&stream](const models::Progress& progress) { stream.add(progress); };
    http::HeaderList headers;
    headers.append("content-type", "application/x-ndjson");
    [[maybe_unused]] const auto started = call.exchange.start(200, headers);
    const auto pulled = co_await models::pull(services.loop, services.client, services.store, source_text,
                                              std::move(options), call.exchange.gone());
    co_await download.settle(pulled);
    if (pulled) co_await call.admin.refresh();
    std::string last;
    json::Writer w(last);
    if (pulled) {
        w.begin_object().member("model", pulled->name).member("bytes", pulled->bytes).end_object();
    } else {
        w.begin_object().key("error").begin_object().member("message", pulled.error()->message);
        w.member("code", code_name(pulled.error()->code)).end_object().end_object();
    }
    last += '\n';
    co_await stream.end(std::move(last));
}

Task<void> stop_daemon(Call& call) {
    std::string body = "{\"stopping\":true}";
    co_await pipeline::reply_json(call.services, call.exchange, 200, std::move(body));
    call.admin.stop();
}

}  // namespace hearth::admin

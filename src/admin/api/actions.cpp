// What changes something: load, unload, remove, pull, stop.
#include <fmt/format.h>

#include "admin/api/endpoints.h"
#include "gateway/reply.h"
#include "resources/downloads/download.h"
#include "text/json_require.h"
#include "text/json_writer.h"

namespace hearth::admin {

namespace {

Task<void> reply_done(Call& call, std::string_view key, std::string_view value) {
    std::string out;
    json::Writer(out).begin_object().member(key, value).end_object();
    co_await gateway::reply_json(call.services, call.exchange, 200, std::move(out));
}

// The model that a body or a query names.
Task<Result<models::Model>> resolve(Call& call, std::string name) {
    auto* store = &call.services.store;
    co_return co_await call.services.ports.loop.run_blocking([store, name] { return store->resolve(name); });
}

Task<Result<models::Model>> named_in_body(Call& call) {
    const auto name = json::require_string(call.body, "model");
    if (!name) co_return fail(name.error());
    co_return co_await resolve(call, std::string(*name));
}

std::string progress_line(const models::Progress& progress) {
    std::string out;
    json::Writer w(out);
    w.begin_object().member("stage", models::stage_name(progress.stage)).member("file", progress.file);
    w.member("done", progress.done)
        .member("total", progress.total)
        .member("bytes_per_second", progress.bytes_per_second);
    w.end_object();
    out += '\n';
    return out;
}

}  // namespace

Task<void> load_model(Call& call) {
    auto model = co_await named_in_body(call);
    if (!model) {
        co_await gateway::reply_error(call.services, call.exchange, std::move(model.error()));
        co_return;
    }
    const auto name = model->name;
    const auto facts = co_await call.services.supervisor.load(std::move(*model), {}, call.exchange.gone());
    if (facts) {
        co_await reply_done(call, "loaded", name);
    } else {
        co_await gateway::reply_error(call.services, call.exchange, facts.error());
    }
}

Task<void> unload_model(Call& call) {
    auto model = co_await named_in_body(call);
    auto done = model ? co_await call.services.supervisor.unload(model->name, true)
                      : Result<void>(fail(model.error()));
    if (done) {
        co_await reply_done(call, "unloaded", model->name);
    } else {
        co_await gateway::reply_error(call.services, call.exchange, std::move(done.error()));
    }
}

Task<void> remove_model(Call& call) {
    const std::string name(text::find_parameter(call.query, "name").value_or(std::string_view{}));
    auto model = co_await resolve(call, name);
    auto freed = model ? co_await resources::remove_stored(call.services, model->name)
                       : Result<std::uint64_t>(fail(std::move(model.error())));
    if (!freed) {
        co_await gateway::reply_error(call.services, call.exchange, std::move(freed.error()));
        co_return;
    }
    std::string out;
    json::Writer(out)
        .begin_object()
        .member("removed", model->name)
        .member("freed_bytes", *freed)
        .end_object();
    co_await gateway::reply_json(call.services, call.exchange, 200, std::move(out));
}

Task<void> pull_model(Call& call) {
    auto& services = call.services;
    const auto source = json::require_string(call.body, "source");
    const auto name = json::optional_string(call.body, "name");
    Result<void> ready;
    if (!source || !name) ready = fail(!source ? source.error() : name.error());
    models::PullOptions options;
    if (ready && *name) {
        auto parsed = models::parse_name(**name);
        if (parsed) options.name = std::move(*parsed);
        if (!parsed) ready = fail(std::move(parsed.error()));
    }
    resources::Download download(call.services, call.exchange);
    if (ready) ready = co_await download.begin(std::string(*source), "pull");
    if (!ready) {
        co_await gateway::reply_error(services, call.exchange, std::move(ready.error()));
        co_return;
    }
    resources::ProgressStream stream(call.exchange);
    options.on_progress = [&stream](const models::Progress& progress) {
        stream.add(progress_line(progress));
    };
    stream.start();
    const auto pulled = co_await download.run(std::move(options));
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
    co_await gateway::reply_json(call.services, call.exchange, 200, std::move(body));
    call.admin.stop();
}

Task<void> reload_configuration(Call& call) {
    const auto reloaded = co_await call.admin.reload();
    if (!reloaded) {
        co_await gateway::reply_error(call.services, call.exchange, reloaded.error());
        co_return;
    }
    std::string out;
    json::Writer w(out);
    const auto list = [&w](std::string_view name, const std::vector<std::string>& keys) {
        w.key(name).begin_array();
        for (const auto& key : keys) w.string(key);
        w.end_array();
    };
    w.begin_object();
    list("applied", reloaded->applied);
    list("needs_restart", reloaded->needs_restart);
    w.end_object();
    co_await gateway::reply_json(call.services, call.exchange, 200, std::move(out));
}

}  // namespace hearth::admin

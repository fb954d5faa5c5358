// What changes the store in Ollama's words: pull, delete, copy, and blobs for create.
#include <fmt/format.h>

#include <charconv>

#include "compat/compat.h"
#include "gateway/reply.h"
#include "models/upload.h"
#include "resources/downloads/download.h"
#include "text/json_require.h"
#include "text/json_writer.h"

namespace hearth::compat {

namespace {

constexpr std::size_t kPiece = 1U << 20;  // of an upload, from the network to the disk at once

Task<Result<models::Model>> stored_model(Call& call, std::string name) {
    auto* store = &call.services.store;
    const auto ours = canonical_hub_name(name);
    auto model =
        co_await call.services.ports.loop.run_blocking([store, ours] { return store->resolve(ours); });
    if (!model && model.error()->code == Code::not_found)
        model.error()->message =
            fmt::format("model '{}' not found: {}", name.substr(0, 200), model.error()->message);
    co_return model;
}

bool is_library_name(std::string_view source) {
    return source.find('/') == std::string_view::npos && !source.ends_with(".gguf") &&
           !source.starts_with("hf:");
}

Error not_to_be_pulled(std::string_view name) {
    auto error = fail(
        Code::not_found,
        fmt::format("pull model manifest: '{}' is a name of Ollama's library, from which Hearth does not "
                    "pull. Say hf.co/ORG/REPO[:QUANT], an https URL of a .gguf file or a path.",
                    name.substr(0, 200)),
        "model");
    return std::move(error.error());
}

std::string pull_line(const models::Progress& progress) {
    switch (progress.stage) {
        case models::Stage::resolve:
            return status_line("pulling manifest");
        case models::Stage::verify:
            return status_line("verifying sha256 digest");
        case models::Stage::store:
            return status_line("writing manifest");
        case models::Stage::download:
            break;
    }
    const bool known = !progress.sha256.empty();
    std::string line;
    json::Writer w(line);
    w.begin_object().member("status", "pulling " + (known ? progress.sha256.substr(0, 12) : progress.file));
    w.member("digest", known ? "sha256:" + progress.sha256 : progress.file);
    if (progress.total > 0) w.member("total", progress.total);
    w.member("completed", progress.done).end_object();
    line += '\n';
    return line;
}

// Stages are always told; how far one of them is, as the client can take it.
class PullTeller {
  public:
    explicit PullTeller(resources::ProgressStream& stream) : stream_(stream) {}
    void operator()(const models::Progress& progress) {
        const bool other = !told_ || stage_ != progress.stage || file_ != progress.file;
        told_ = true;
        stage_ = progress.stage;
        file_ = progress.file;
        if (other) {
            stream_.add_always(pull_line(progress));
        } else if (progress.stage == models::Stage::download) {
            stream_.add(pull_line(progress));
        }
    }

  private:
    resources::ProgressStream& stream_;
    bool told_ = false;
    models::Stage stage_ = models::Stage::resolve;
    std::string file_;
};

Task<void> reply_status(Call& call, int status) {
    co_await gateway::reply_text(call.services, call.exchange, status, {}, "text/plain");
}

Result<std::string> digest_in_path(const Call& call) {
    const std::string_view rest = call.rest;
    if ((rest.starts_with("sha256:") || rest.starts_with("sha256-")) && models::is_sha256(rest.substr(7)))
        return std::string(rest.substr(7));
    return fail(Code::invalid_request,
                "invalid digest format: it is sha256: and 64 hex digits in lower case.", "digest");
}

std::uint64_t announced_bytes(const server::Exchange& exchange) {
    const auto text = exchange.head().headers.get("content-length");
    std::uint64_t bytes = 0;
    std::from_chars(text.data(), text.data() + text.size(), bytes);
    return bytes;
}

Task<Result<void>> receive(Call& call, models::Upload& upload) {
    std::string block;
    block.reserve(kPiece + net::Loop::kBlockBytes);
    while (true) {
        const auto piece = co_await call.exchange.read_piece(upload.room());
        if (!piece) co_return fail(piece.error());
        block += *piece;
        const bool over = piece->empty();
        if (!over && block.size() < kPiece) continue;
        auto kept = co_await call.services.ports.loop.run_blocking([&] { return upload.append(block); });
        if (!kept || over) co_return kept;
        block.clear();
    }
}

}  // namespace

Task<void> ollama_pull(Call& call) {
    const auto name = requested_model(call);
    const auto wants_stream = json::optional_bool(call.body, "stream");
    Result<void> ready;
    if (!name || !wants_stream) ready = fail(!name ? name.error() : wants_stream.error());
    const bool streamed = ready && wants_stream->value_or(true);
    const auto source = name ? canonical_hub_name(*name) : std::string();
    bool there = false;
    if (ready && is_library_name(source)) {
        there = (co_await stored_model(call, source)).has_value();
        if (!there) ready = fail(not_to_be_pulled(source));
    }
    resources::Download download(call.services, call.exchange);
    if (ready && !there) ready = co_await download.begin(source, "ollama");
    if (!ready) {
        co_await reply_compat_error(call, std::move(ready.error()));
        co_return;
    }
    resources::ProgressStream stream(call.exchange);
    models::PullOptions options;
    if (streamed) {
        stream.start();
        options.on_progress = PullTeller(stream);
    }
    Result<models::Model> pulled;
    if (!there) pulled = co_await download.run(std::move(options));
    if (streamed) {
        co_await stream.end(pulled ? status_line("success") : error_line(call, pulled.error()));
    } else if (pulled) {
        co_await gateway::reply_json(call.services, call.exchange, 200, status_line("success"));
    } else {
        co_await reply_compat_error(call, std::move(pulled.error()));
    }
}

Answer ollama_delete(Call& call) {
    const auto name = requested_model(call);
    if (!name) co_return fail(name.error());
    const auto model = co_await stored_model(call, *name);
    if (!model) co_return fail(model.error());
    const auto freed = co_await resources::remove_stored(call.services, model->name);
    if (!freed) co_return fail(freed.error());
    co_return std::string();
}

Answer ollama_copy(Call& call) {
    const auto source = json::require_string(call.body, "source");
    const auto destination = json::require_string(call.body, "destination");
    if (!source || !destination) co_return fail(!source ? source.error() : destination.error());
    const auto name = models::parse_name(canonical_hub_name(*destination));
    if (!name) co_return fail(name.error());
    const auto model = co_await stored_model(call, std::string(*source));
    if (!model) co_return fail(model.error());
    auto& services = call.services;
    const auto copied = co_await services.ports.loop.run_blocking(
        [&] { return services.store.copy(model->name, *name, services.ports.loop.clock().wall()); });
    if (!copied) co_return fail(copied.error());
    if (services.supervisor.loaded(copied->name) && copied->name != model->name) {
        [[maybe_unused]] const auto unloaded = co_await services.supervisor.unload(copied->name, true);
    }
    co_await call.services.refresh_models();
    co_return std::string();
}

Answer ollama_push(Call&) {
    co_return fail(Code::unsupported,
                   "Hearth does not publish models: nothing of this machine is pushed anywhere.");
}

Task<void> ollama_find_blob(Call& call) {
    const auto digest = digest_in_path(call);
    co_await reply_status(call, !digest ? 400 : call.services.store.blob(*digest) ? 200 : 404);
}

Task<void> ollama_take_blob(Call& call) {
    auto& services = call.services;
    const auto digest = digest_in_path(call);
    if (digest && services.store.blob(*digest)) {
        co_await reply_status(call, 200);
        co_return;
    }
    auto upload = digest ? co_await services.ports.loop.run_blocking([&] {
        return models::Upload::begin(services.store, *digest, announced_bytes(call.exchange),
                                     services.ports.loop.clock().wall());
    })
                         : Result<models::Upload>(fail(digest.error()));
    auto done = upload ? co_await receive(call, *upload) : Result<void>(fail(upload.error()));
    if (done) done = co_await services.ports.loop.run_blocking([&] { return upload->finish(); });
    if (!done && done.error()->code == Code::corrupt)
        done.error()->code = Code::invalid_request;  // the client's bytes
    if (done) {
        co_await reply_status(call, 201);
    } else {
        co_await reply_compat_error(call, std::move(done.error()));
    }
}

}  // namespace hearth::compat

#include "pipeline/passthrough.h"

#include <fmt/format.h>

#include "http/multipart.h"
#include "pipeline/attempt.h"
#include "pipeline/authorize.h"
#include "provider/outbound.h"
#include "text/edit.h"
#include "text/json_writer.h"

namespace hearth::pipeline {

namespace {

using exchange::Kind;

constexpr std::string_view kVersion = "/v1";  // of our own paths; a provider's base has its own

bool names_model(Kind kind) {
    return kind == Kind::audio || kind == Kind::image;
}

std::string_view content_type(const Journey& journey) {
    return journey.exchange.head().headers.get("content-type");
}

bool is_form(const Journey& journey) {
    return http::multipart_boundary(content_type(journey)).has_value();
}

Result<std::vector<http::Part>> read_form(const Journey& journey, std::string_view body) {
    const auto boundary = http::multipart_boundary(content_type(journey));
    if (!boundary) return fail(boundary.error());
    return http::parse_multipart(body, *boundary);
}

Result<void> read_form_fields(Journey& journey, std::string_view body) {
    const auto parts = read_form(journey, body);
    if (!parts) return fail(parts.error());
    const auto model = http::only_part(*parts, "model");
    if (!model) return fail(model.error());
    const auto stream = http::only_part(*parts, "stream");
    if (!stream) return fail(stream.error());
    if (*model) journey.request.model = (*model)->content;
    journey.request.stream = *stream && (*stream)->content == "true";
    return {};
}

Result<void> read_json_fields(Journey& journey, std::string_view body) {
    const auto root = journey.document.parse(body);
    if (!root) return fail(root.error());
    journey.request.model = (*root)["model"].as_string();
    journey.request.stream = (*root)["stream"].as_bool().value_or(false);
    return {};
}

// The client's bytes with the model's name replaced by the one that the provider knows.
struct Outgoing {
    std::string edited;
    std::vector<std::string_view> body;
};
Result<Outgoing> prepare_body(Journey& journey, const route::Step& step, std::string_view body) {
    Outgoing out;
    const auto& model = step.model->id;
    if (!names_model(journey.request.kind) || model == journey.request.model) {
        if (!body.empty()) out.body = {body};
        return out;
    }
    if (!is_form(journey)) {
        std::string name;
        json::append_string(name, model);
        json::Editor editor(journey.document);
        editor.set(journey.document.root(), "model", std::move(name));
        out.edited = editor.apply();
        out.body = {out.edited};
        return out;
    }
    const auto parts = read_form(journey, body);
    if (!parts) return fail(parts.error());
    const auto part = http::only_part(*parts, "model");
    if (!part || !*part) return fail(Code::internal, "A form has lost its model.");
    out.body = {body.substr(0, (*part)->offset), model,
                body.substr((*part)->offset + (*part)->content.size())};
    return out;
}

// "/v1/files/x?y" is "/files/x?y" under the provider's own base path.
std::string_view target_of(const Journey& journey) {
    const std::string_view target = journey.exchange.head().target;
    return target.starts_with(kVersion) ? target.substr(kVersion.size()) : target;
}

Result<http::RequestHead> head_for(Journey& journey, const Upstream& upstream) {
    const auto& wires = upstream.provider.wires;
    const auto spoken = std::ranges::find(wires, exchange::Dialect::openai, &provider::Wire::dialect);
    if (spoken == wires.end())
        return fail(Code::unsupported,
                    fmt::format("{} has no {} in OpenAI's shape; name a provider that has: \"openai/...\".",
                                upstream.provider.id, journey.exchange.head().path()));
    auto head = provider::common_head(upstream.provider, *spoken, journey.request.kind,
                                      std::string(target_of(journey)), journey.request.stream);
    if (!head) return head;
    const auto& client = journey.exchange.head();
    head->method = client.method;
    head->headers.remove("content-type");
    if (const auto type = client.headers.find("content-type")) head->headers.append("content-type", *type);
    head->headers.set("accept", client.headers.find("accept").value_or("*/*"));
    return head;
}

// What OpenAI says of an image's or a transcription's tokens.
exchange::Usage usage_in(std::string_view body, json::Document& scratch) {
    exchange::Usage usage;
    const auto root = scratch.parse(body);
    if (!root) return usage;
    const auto said = (*root)["usage"];
    usage.input = said["input_tokens"].as_int();
    usage.output = said["output_tokens"].as_int();
    return usage;
}

http::HeaderList headers_for(Journey& journey, const route::Step& step, const client::Response& response) {
    auto headers = answer_headers(
        journey, step, response.headers().find("content-type").value_or("application/octet-stream"));
    pass_headers(response.headers(), headers);
    // What a provider calls a page must not run as one of ours: this is the administration's origin too.
    headers.set("x-content-type-options", "nosniff");
    headers.set("content-security-policy", "sandbox");
    return headers;
}

ledger::Status status_of(const client::Response& response) {
    return response.status() < 400 ? ledger::Status::ok : ledger::Status::error;
}

Task<Ended> pass_whole(Journey& journey, const route::Step& step, client::Response& response) {
    const auto body = co_await response.read_all();
    if (journey.exchange.gone().stopped()) co_return co_await client_gone(journey, step, {});
    if (!body) co_return failed(body.error());
    journey.first_token = journey.services.loop.clock().mono();
    Served served;
    served.http_status = response.status();
    served.usage = usage_in(*body, journey.services.scratch);
    const auto status = status_of(response);
    co_await settle(journey, step, status, std::move(served),
                    status == ledger::Status::ok ? std::string_view() : code_name(Code::upstream_rejected));
    const auto headers = headers_for(journey, step, response);
    [[maybe_unused]] const auto sent = co_await journey.exchange.respond(response.status(), headers, *body);
    co_return Ended{};
}

// Sound, pictures and events as they come. One that is cut ends as a broken connection: there is no event to say so with.
Task<Ended> pass_stream(Journey& journey, const route::Step& step, std::unique_ptr<client::Response> response,
                        AttemptStop& stop) {
    auto& ex = journey.exchange;
    Served served;
    served.http_status = response->status();
    bool started = false;
    for (;;) {
        const auto piece = co_await response->read();
        if (ex.gone().stopped()) co_return co_await client_gone(journey, step, std::move(served));
        if (!piece && !started) co_return failed(piece.error());
        if (!piece) {
            const auto code = piece.error()->code;
            journey.services.health.failed(step.model->provider, provider::FailureCause::upstream,
                                           piece.error());
            co_await settle(journey, step, ledger::Status::error, std::move(served), code_name(code));
            co_await ex.break_off();
            co_return Ended{Outcome::broken, {}};
        }
        if (!std::exchange(started, true)) {
            stop.first_token_came();
            journey.first_token = journey.services.loop.clock().mono();
            if (!ex.start(response->status(), headers_for(journey, step, *response)))
                co_return co_await client_gone(journey, step, std::move(served));
            release_body(journey);
        }
        if (piece->empty()) break;
        if (!co_await ex.write(*piece)) co_return co_await client_gone(journey, step, std::move(served));
    }
    co_await settle(journey, step, ledger::Status::ok, std::move(served), {});
    [[maybe_unused]] const auto finished = co_await ex.finish();
    co_return Ended{};
}

bool is_json(const client::Response& response) {
    return response.headers().get("content-type").starts_with("application/json");
}

}  // namespace

Task<Result<void>> read_passed(Journey& journey) {
    const auto limit = journey.services.config.server.max_body_bytes;
    const auto body = co_await journey.exchange.read_body(limit);
    if (!body) co_return fail(body.error());
    if (!names_model(journey.request.kind)) co_return Result<void>{};
    auto read = is_form(journey) ? read_form_fields(journey, *body) : read_json_fields(journey, *body);
    if (!read) co_return read;
    auto& model = journey.request.model;
    if (model.empty())
        co_return fail(Code::invalid_request,
                       "Say which model and where: \"model\" is missing, for example \"openai/whisper-1\".",
                       "model");
    if (model.size() > limits::kModelNameBytes)
        co_return fail(Code::invalid_request,
                       fmt::format("'model' may have {} bytes.", limits::kModelNameBytes), "model");
    co_return Result<void>{};
}

Result<void> decide_provider(Journey& journey) {
    auto& services = journey.services;
    const auto& name = journey.ingress.provider;
    const auto* provider = services.providers.find(name);
    if (!provider)
        return fail(
            Code::not_found,
            fmt::format("x-hearth-provider: no provider '{}' is known here; without the header, Hearth "
                        "keeps files and batches itself.",
                        name.substr(0, 100)));
    if (auto why = services.gate.refusal(journey.caller.project, name, provider->place); !why.empty())
        return fail(Code::forbidden, why);
    if (auto why = provider->not_ready(); !why.empty()) return fail(Code::unauthenticated, why);
    route::Model row;
    row.provider = name;
    row.id = exchange::kind_name(journey.request.kind);
    row.place = provider->place;
    std::vector<route::Model> rows;
    rows.push_back(std::move(row));
    auto models = std::make_shared<const route::Models>(std::move(rows));
    journey.plan.steps.push_back({.model = &models->all().front(), .reason = "named by x-hearth-provider"});
    journey.plan.models = std::move(models);
    return {};
}

Task<Ended> pass_through(Journey& journey, const route::Step& step, const Upstream& upstream,
                         const privacy::Permit& permit) {
    const bool names = names_model(journey.request.kind);
    const auto head = head_for(journey, upstream);
    if (!head) co_return failed(head.error(), provider::FailureCause::request);
    const auto body = co_await journey.exchange.read_body(journey.services.config.server.max_body_bytes);
    if (!body) co_return failed(body.error(), provider::FailureCause::request);
    const auto out = prepare_body(journey, step, *body);
    if (!out) co_return failed(out.error(), provider::FailureCause::request);
    client::Request request;
    request.method = head->method;
    request.target = head->target;
    request.headers = head->headers;
    provider::add_request_headers(upstream.provider, journey.caller.hops, true,
                                  journey.exchange.head().headers, request.headers);
    request.body = out->body;
    const bool stream = journey.request.stream;
    AttemptStop stop(journey, upstream.first_token, upstream.provider.id);
    if (upstream.authenticates_each_request) {
        auto authorized =
            co_await authorize(journey.services, journey.caller.project, upstream, request, stop.token());
        if (journey.exchange.gone().stopped()) co_return co_await client_gone(journey, step, {});
        if (!authorized) co_return failed(std::move(authorized.error()), provider::FailureCause::credential);
    }
    auto response = co_await journey.services.client.send(
        permit, upstream.to, std::move(request), stream ? upstream.when_streamed : upstream.when_whole,
        stop.token());
    if (journey.exchange.gone().stopped()) co_return co_await client_gone(journey, step, {});
    if (!response) co_return failed(std::move(response.error()));
    auto& answer = **response;
    const bool good = answer.status() >= 200 && answer.status() < 300;
    if (!good && (names || answer.status() < 400))
        co_return co_await rejected(journey, step, upstream.provider, answer, true);
    if (!good) {
        journey.services.health.abandoned(upstream.provider.id);
    } else {
        journey.services.health.succeeded(upstream.provider.id);
    }
    if (!good || (is_json(answer) && !stream)) co_return co_await pass_whole(journey, step, answer);
    co_return co_await pass_stream(journey, step, std::move(*response), stop);
}

}  // namespace hearth::pipeline

#include <fmt/format.h>

#include "http/multipart.h"
#include "pipeline/context.h"
#include "pipeline/ports.h"

namespace hearth::pipeline {

namespace {

using exchange::Kind;

Result<void> read_form_fields(RequestContext& context, std::string_view body) {
    const auto boundary = http::multipart_boundary(context.http.head().headers.get("content-type"));
    if (!boundary) return fail(boundary.error());
    const auto parts = http::parse_multipart(body, *boundary);
    if (!parts) return fail(parts.error());
    const auto model = http::only_part(*parts, "model");
    if (!model) return fail(model.error());
    const auto stream = http::only_part(*parts, "stream");
    if (!stream) return fail(stream.error());
    auto& request = context.conversation.request;
    if (*model) request.model = (*model)->content;
    request.stream = *stream && (*stream)->content == "true";
    return {};
}

Result<void> read_json_fields(RequestContext& context, std::string_view body) {
    auto& conversation = context.conversation;
    const auto root = conversation.document.parse(body);
    if (!root) return fail(root.error());
    conversation.request.model = (*root)["model"].as_string();
    conversation.request.stream = (*root)["stream"].as_bool().value_or(false);
    return {};
}

// Audio, images, files and batches: only what routing needs is read. Files and batches name no model.
Result<void> decode_passed_through(RequestContext& context, std::string_view body) {
    if (context.kind() != Kind::audio && context.kind() != Kind::image) return {};
    const bool form = http::multipart_boundary(context.http.head().headers.get("content-type")).has_value();
    if (auto read = form ? read_form_fields(context, body) : read_json_fields(context, body); !read)
        return read;
    const auto& model = context.request().model;
    if (model.empty())
        return fail(
            Code::invalid_request,
            "\"model\" is missing: name the model and its provider, for example \"openai/whisper-1\".",
            "model");
    if (model.size() > limits::kModelNameBytes)
        return fail(Code::invalid_request, fmt::format("'model' may have {} bytes.", limits::kModelNameBytes),
                    "model");
    return {};
}

}  // namespace

Task<Result<void>> decode(Ports& ports, RequestContext& context) {
    auto& conversation = context.conversation;
    const bool parsed = conversation.document.node_count() > 0;  // by whoever looked into the body before
    const auto limit = context.settings->config.server.max_body_bytes;
    const auto body = parsed ? Result<std::string_view>(conversation.document.text())
                             : co_await context.http.read_body(limit);
    if (!body) co_return fail(body.error());
    if (exchange::passes_through(context.kind())) co_return decode_passed_through(context, *body);
    if (!parsed) {
        conversation.document = ports.documents.take();
        const auto root = conversation.document.parse(*body);
        if (!root) co_return fail(root.error());
    }
    auto request = context.codec.decode(context.ingress.call, conversation.document);
    if (!request) co_return fail(std::move(request.error()));
    conversation.request = std::move(*request);
    // llama-server has one model and its clients name none: they mean this machine.
    if (context.request().model.empty() && context.ingress.dialect == exchange::Dialect::llama)
        conversation.request.model = "local";
    if (context.request().model.empty())
        co_return fail(Code::invalid_request, "\"model\" is missing. \"auto\" lets Hearth choose one.",
                       "model");
    conversation.needs = exchange::needs_of(context.request());
    co_return Result<void>{};
}

}  // namespace hearth::pipeline

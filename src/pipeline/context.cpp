#include "pipeline/context.h"

#include "pipeline/backends/backend.h"
#include "pipeline/ports.h"
#include "wire/codecs.h"

namespace hearth::pipeline {

RequestContext::RequestContext(Ports& ports, server::Exchange& exchange, Caller from, Ingress in)
    : settings(ports.settings),
      http(exchange),
      caller(std::move(from)),
      ingress(std::move(in)),
      codec(*wire::client_codec(ingress.dialect)) {
    conversation.request.kind = ingress.call.kind;
}

Attempt::Attempt(const route::Step& candidate, bool repeated_without_opaque)
    : step(candidate), without_opaque(repeated_without_opaque) {}
Attempt::~Attempt() = default;

std::unique_ptr<provider::Failure> failure(Error error, provider::FailureCause cause) {
    return std::make_unique<provider::Failure>(
        provider::Failure{std::move(error), provider::RetryAction::next_candidate, cause});
}

Outcome failed(std::unique_ptr<provider::Failure> why) {
    Outcome outcome;
    outcome.result = AttemptResult::failed_before_first_byte;
    outcome.failure = std::move(why);
    return outcome;
}

std::string_view finish_name(std::optional<exchange::FinishReason> reason) {
    using exchange::FinishReason;
    if (!reason) return {};
    switch (*reason) {
        case FinishReason::stop:
            return "stop";
        case FinishReason::length:
            return "length";
        case FinishReason::tool_calls:
            return "tool_calls";
        case FinishReason::content_filter:
            return "content_filter";
        case FinishReason::error:
            return "error";
        case FinishReason::pause:
            return "pause";
    }
    return {};
}

void pool_document(Ports& ports, RequestContext& context) {
    auto& document = context.conversation.document;
    if (document.node_count() > 0) ports.documents.give(std::exchange(document, {}));
}

void release_body(Ports& ports, RequestContext& context) {
    auto& conversation = context.conversation;
    context.http.forget_body();
    pool_document(ports, context);
    // One turn stays: a conversation without any has a meaning of its own (Ollama's load).
    auto* chat = std::get_if<exchange::Chat>(&conversation.request.body);
    if (!chat || chat->turns.empty()) return;
    chat->turns.resize(1);
    chat->turns.front() = {};
    chat->turns.shrink_to_fit();
}

}  // namespace hearth::pipeline

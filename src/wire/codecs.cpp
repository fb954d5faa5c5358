#include "wire/codecs.h"

#include "wire/anthropic/codec.h"
#include "wire/anthropic/vertex.h"
#include "wire/gemini/codec.h"
#include "wire/llama/codec.h"
#include "wire/ollama/codec.h"
#include "wire/openai/codec.h"
#include "wire/responses/codec.h"

namespace hearth::wire {

using exchange::Dialect;

std::string_view ClientCodec::stream_type(const Call& /*call*/) const {
    return "text/event-stream";
}

std::string_view ClientCodec::keep_alive() const {
    return "\n";
}

std::optional<std::string> UpstreamCodec::path_of(const exchange::Request& request,
                                                  std::string_view /*endpoint*/,
                                                  std::string_view model) const {
    return path(request.kind, model, request.stream);
}

Result<AnswerFacts> UpstreamCodec::facts(exchange::Kind kind, std::string_view body,
                                         json::Document& scratch) const {
    auto answer = whole(kind, body, scratch);
    if (!answer) return fail(std::move(answer.error()));
    AnswerFacts facts;
    facts.content = facts.done = true;
    for (std::size_t i = 0; i < std::min(answer->choices.size(), kAnswerChoices); ++i) {
        facts.choices.set(i);
        facts.finish[i] = answer->choices[i].finish;
    }
    if (answer->usage != exchange::Usage{}) facts.usage = answer->usage;
    facts.timings = answer->timings;
    return facts;
}

const ClientCodec* client_codec(Dialect dialect) {
    switch (dialect) {
        case Dialect::openai:
            return &openai::client_codec();
        case Dialect::anthropic:
            return &anthropic::client_codec();
        case Dialect::gemini:
            return &gemini::client_codec();
        case Dialect::ollama:
            return &ollama::client_codec();
        case Dialect::llama:
            return &llama::client_codec();
        case Dialect::responses:
            return &responses::client_codec();
        default:
            return nullptr;
    }
}

const UpstreamCodec* upstream_codec(Dialect dialect, std::string_view form) {
    if (!form.empty()) {
        const bool vertex = dialect == Dialect::anthropic && form == anthropic::kVertexForm;
        return vertex ? &anthropic::vertex_codec() : nullptr;
    }
    switch (dialect) {
        case Dialect::openai:
            return &openai::upstream_codec();
        case Dialect::anthropic:
            return &anthropic::upstream_codec();
        case Dialect::gemini:
            return &gemini::upstream_codec();
        case Dialect::ollama:
            return &ollama::upstream_codec();
        case Dialect::llama:
            return &llama::upstream_codec();
        case Dialect::responses:
            return &responses::upstream_codec();
        default:
            return nullptr;
    }
}

}  // namespace hearth::wire

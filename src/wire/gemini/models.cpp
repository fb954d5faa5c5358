#include "wire/gemini/models.h"

#include "text/json_writer.h"
#include "wire/gemini/path.h"

namespace hearth::wire::gemini {

namespace {

void write_model(json::Writer& w, const ModelEntry& model) {
    w.begin_object().member("name", resource_name(model.id));
    w.member("displayName", model.display_name.empty() ? model.id : model.display_name);
    if (!model.description.empty()) w.member("description", model.description);
    if (model.input_tokens) w.member("inputTokenLimit", *model.input_tokens);
    if (model.output_tokens) w.member("outputTokenLimit", *model.output_tokens);
    w.key("supportedGenerationMethods").begin_array();
    if (model.chat) w.string("generateContent").string("streamGenerateContent").string("countTokens");
    if (model.embedding) w.string("embedContent").string("batchEmbedContents");
    w.end_array().end_object();
}

}  // namespace

std::string encode_models(std::span<const ModelEntry> models) {
    std::string out;
    json::Writer w(out);
    w.begin_object().key("models").begin_array();
    for (const auto& model : models) write_model(w, model);
    w.end_array().end_object();
    return out;
}

std::string encode_model(const ModelEntry& model) {
    std::string out;
    json::Writer w(out);
    write_model(w, model);
    return out;
}

}  // namespace hearth::wire::gemini

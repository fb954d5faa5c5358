#include "wire/lmstudio/models.h"

#include "text/json_writer.h"

namespace hearth::wire::lmstudio {

namespace {

std::string_view type_name(ModelEntry::Type type) {
    switch (type) {
        case ModelEntry::Type::vlm:
            return "vlm";
        case ModelEntry::Type::embeddings:
            return "embeddings";
        case ModelEntry::Type::llm:
            break;
    }
    return "llm";
}

void write_model(json::Writer& w, const ModelEntry& model) {
    w.begin_object().member("id", model.id).member("object", "model").member("type", type_name(model.type));
    w.member("publisher", model.publisher).member("arch", model.arch);
    w.member("compatibility_type", model.compatibility_type);
    if (!model.quantization.empty()) w.member("quantization", model.quantization);
    w.member("state", model.loaded ? "loaded" : "not-loaded");
    if (model.max_context_length > 0) w.member("max_context_length", model.max_context_length);
    if (model.loaded && model.loaded_context_length)
        w.member("loaded_context_length", *model.loaded_context_length);
    if (!model.capabilities.empty()) {
        w.key("capabilities").begin_array();
        for (const auto& one : model.capabilities) w.string(one);
        w.end_array();
    }
    w.end_object();
}

}  // namespace

std::string encode_models(std::span<const ModelEntry> models) {
    std::string out;
    json::Writer w(out);
    w.begin_object().member("object", "list").key("data").begin_array();
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

}  // namespace hearth::wire::lmstudio

#include "wire/openai/models.h"

#include "text/json_writer.h"

namespace hearth::wire::openai {

namespace {

void write_model(json::Writer& w, const ModelEntry& model) {
    w.begin_object().member("id", model.id).member("object", "model");
    w.member("created", model.created_s).member("owned_by", model.owned_by);
    if (model.context_length) w.member("context_length", *model.context_length);
    if (model.max_output_tokens) w.member("max_output_tokens", *model.max_output_tokens);
    if (!model.place.empty()) w.member("place", model.place);
    if (!model.state.empty()) w.member("state", model.state);
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

}  // namespace hearth::wire::openai

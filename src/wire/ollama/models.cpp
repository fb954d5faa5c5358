#include "wire/ollama/models.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"
#include "text/json_writer.h"

namespace hearth::wire::ollama {

namespace {

using json::Writer;

constexpr std::string_view kPlainTemplate = "{{ .Prompt }}";
constexpr std::string_view kInsertTemplate =
    "{{- if .Suffix }}{{ .Prompt }}{{ .Suffix }}{{ else }}{{ .Prompt }}{{ end }}";
constexpr std::int64_t kFarAway_s = 7'289'654'400;  // the year 2201: Ollama's "for ever" is a time too

std::string stamp(std::int64_t unix_s) {
    return to_rfc3339(Wall(seconds(unix_s)));
}

void write_details(Writer& w, const ModelEntry& model) {
    w.key("details").begin_object().member("parent_model", "").member("format", model.format);
    w.member("family", model.family).key("families").begin_array();
    if (model.families.empty()) w.string(model.family);
    for (const auto& one : model.families) w.string(one);
    w.end_array().member("parameter_size", model.parameter_size);
    w.member("quantization_level", model.quantization_level);
    if (model.context_length > 0) w.member("context_length", model.context_length);
    if (model.embedding_length > 0) w.member("embedding_length", model.embedding_length);
    w.end_object();
}

void write_capabilities(Writer& w, const ModelEntry& model) {
    w.key("capabilities").begin_array();
    for (const auto& one : model.capabilities) w.string(one);
    w.end_array();
}

void write_info(Writer& w, const ModelDetails& details) {
    const auto& model = details.model;
    const std::string_view arch = details.architecture.empty() ? model.family : details.architecture;
    w.key("model_info").begin_object().member("general.architecture", arch);
    if (!details.basename.empty()) w.member("general.basename", details.basename);
    if (details.parameter_count > 0) w.member("general.parameter_count", details.parameter_count);
    if (model.context_length > 0) w.member(fmt::format("{}.context_length", arch), model.context_length);
    if (model.embedding_length > 0)
        w.member(fmt::format("{}.embedding_length", arch), model.embedding_length);
    for (const auto& [key, value] : details.info) {
        const bool said = key == "general.architecture" || key == "general.basename" ||
                          key == "general.parameter_count" || key == fmt::format("{}.context_length", arch) ||
                          key == fmt::format("{}.embedding_length", arch);
        if (!said) w.member_raw(key, value);
    }
    w.end_object();
}

void write_tensors(Writer& w, const std::vector<ModelDetails::Tensor>& tensors) {
    w.key("tensors").begin_array();
    for (const auto& tensor : tensors) {
        w.begin_object().member("name", tensor.name).member("type", tensor.type).key("shape").begin_array();
        for (const auto side : tensor.shape) w.unsigned_integer(side);
        w.end_array().end_object();
    }
    w.end_array();
}

bool can(const ModelEntry& model, std::string_view what) {
    return std::ranges::find(model.capabilities, what) != model.capabilities.end();
}

}  // namespace

std::string encode_tags(std::span<const ModelEntry> models) {
    std::string out;
    Writer w(out);
    w.begin_object().key("models").begin_array();
    for (const auto& model : models) {
        w.begin_object().member("name", model.name).member("model", model.name);
        w.member("modified_at", stamp(model.modified_at_s));
        w.member("size", model.size).member("digest", model.digest);
        write_details(w, model);
        write_capabilities(w, model);
        w.end_object();
    }
    w.end_array().end_object();
    return out;
}

std::string encode_ps(std::span<const LoadedModel> models) {
    std::string out;
    Writer w(out);
    w.begin_object().key("models").begin_array();
    for (const auto& loaded : models) {
        const auto& model = loaded.model;
        w.begin_object().member("name", model.name).member("model", model.name);
        w.member("size", model.size).member("digest", model.digest);
        write_details(w, model);
        w.member("expires_at", stamp(loaded.expires_at_s.value_or(kFarAway_s)));
        w.member("size_vram", loaded.size_vram).member("context_length", loaded.context_length);
        w.end_object();
    }
    w.end_array().end_object();
    return out;
}

std::string encode_show(const ModelDetails& details) {
    const auto& model = details.model;
    std::string parameters;
    if (details.num_ctx > 0) parameters = fmt::format("{:<30} {}", "num_ctx", details.num_ctx);
    if (!details.parameters.empty()) {
        if (!parameters.empty()) parameters += '\n';
        parameters += details.parameters;
    }
    std::string text = details.template_text;
    if (can(model, "insert") && text.find(".Suffix") == std::string::npos) text = kInsertTemplate;
    if (text.empty()) text = kPlainTemplate;
    std::string out;
    Writer w(out);
    w.begin_object();
    if (!details.license.empty()) w.member("license", details.license);
    w.member("modelfile", details.modelfile).member("parameters", parameters).member("template", text);
    if (!details.system.empty()) w.member("system", details.system);
    write_details(w, model);
    write_info(w, details);
    write_capabilities(w, model);
    if (!details.tensors.empty()) write_tensors(w, details.tensors);
    w.member("modified_at", stamp(model.modified_at_s)).end_object();
    return out;
}

std::string encode_version() {
    std::string out;
    Writer w(out);
    w.begin_object().member("version", kVersion).end_object();
    return out;
}

}  // namespace hearth::wire::ollama

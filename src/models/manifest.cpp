#include "models/manifest.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/upload.h"
#include "text/json.h"
#include "text/json_require.h"
#include "text/json_writer.h"

namespace hearth::models {
namespace {

constexpr std::size_t kMostFiles = 1024;
constexpr std::int64_t kVersion = 1;

// One list of fields, used for writing and for reading.
template <class Facts, class Visit>
void visit_facts(Facts& f, Visit&& visit) {
    visit("architecture", f.architecture);
    visit("name", f.name);
    visit("type", f.type);
    visit("license", f.license);
    visit("quantization", f.quantization);
    visit("parameters", f.parameters);
    visit("tensor_bytes", f.tensor_bytes);
    visit("context_length", f.context_length);
    visit("embedding_length", f.embedding_length);
    visit("layers", f.layers);
    visit("heads", f.heads);
    visit("vocabulary", f.vocabulary);
    visit("sliding_window", f.sliding_window);
    visit("kv_bytes_per_token", f.kv_bytes_per_token);
    visit("kv_window_bytes_per_token", f.kv_window_bytes_per_token);
    visit("chat_template", f.chat_template);
    visit("tools", f.tools);
    visit("reasoning", f.reasoning);
    visit("fim", f.fim);
    visit("embedding", f.embedding);
    visit("recurrent", f.recurrent);
    visit("pooling", f.pooling);
    visit("split_no", f.split_no);
    visit("split_count", f.split_count);
}

template <class Settings, class Visit>
void visit_settings(Settings& s, Visit&& visit) {
    visit("system", s.system);
    visit("chat_template", s.chat_template);
    visit("parameters", s.parameters);
    visit("license", s.license);
}

struct Reading {
    json::Value object;
    void operator()(std::string_view key, std::string& out) const { out = object[key].as_string(); }
    void operator()(std::string_view key, bool& out) const { out = object[key].as_bool().value_or(false); }
    void operator()(std::string_view key, std::uint64_t& out) const {
        out = object[key].as_uint().value_or(0);
    }
    void operator()(std::string_view key, std::uint32_t& out) const {
        out = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(object[key].as_uint().value_or(0), UINT32_MAX));
    }
};

Result<ModelFile> decode_file(json::Value value) {
    ModelFile file;
    auto name = json::require_string(value, "name", "files[]");
    if (!name) return fail(name.error());
    auto sum = json::require_string(value, "sha256", "files[]");
    if (!sum) return fail(sum.error());
    auto bytes = json::require_int(value, "bytes", {.min = 0}, "files[]");
    if (!bytes) return fail(bytes.error());
    // Both become parts of paths.
    if (!is_sha256(*sum) || name->empty() || name->find('/') != std::string_view::npos || *name == "." ||
        *name == "..") {
        return fail(Code::corrupt, "files[] has an invalid name or checksum");
    }
    file.name = *name;
    file.sha256 = *sum;
    file.bytes = static_cast<std::uint64_t>(*bytes);
    return file;
}

Result<Model> decode(json::Value root) {
    Model model;
    auto version = json::require_int(root, "version");
    if (!version) return fail(version.error());
    if (*version != kVersion)
        return fail(Code::unsupported, fmt::format("its version is {}, not {}", *version, kVersion));
    auto name = json::require_string(root, "name");
    if (!name) return fail(name.error());
    auto files = json::require_array(root, "files");
    if (!files) return fail(files.error());
    if (files->size() == 0 || files->size() > kMostFiles)
        return fail(Code::corrupt, "it has no files, or too many");
    model.name = *name;
    model.source = root["source"].as_string();
    model.origin = "hearth";
    model.added = Wall(milliseconds(root["added_ms"].as_int().value_or(0)));
    model.tensor_bytes = root["tensor_bytes"].as_uint().value_or(0);
    for (auto value : files->elements()) {
        auto file = decode_file(value);
        if (!file) return fail(file.error());
        model.bytes += file->bytes;
        model.files.push_back(std::move(*file));
    }
    visit_facts(model.facts, Reading{root["facts"]});
    visit_settings(model.settings, Reading{root["settings"]});
    return model;
}

}  // namespace

std::string encode_manifest(const Model& model) {
    std::string out;
    json::Writer w(out);
    w.begin_object().member("version", kVersion).member("name", std::string_view(model.name));
    w.member("source", std::string_view(model.source))
        .member("added_ms", model.added.time_since_epoch().count());
    w.member("tensor_bytes", model.tensor_bytes).key("files").begin_array();
    for (const auto& file : model.files) {
        w.begin_object()
            .member("name", std::string_view(file.name))
            .member("sha256", std::string_view(file.sha256));
        w.member("bytes", file.bytes).end_object();
    }
    w.end_array().key("facts").begin_object();
    visit_facts(model.facts, [&w](std::string_view key, const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
            w.member(key, std::string_view(value));
        else
            w.member(key, value);
    });
    w.end_object();
    if (model.settings != Settings{}) {
        w.key("settings").begin_object();
        visit_settings(model.settings, [&w](std::string_view key, const std::string& value) {
            if (!value.empty()) w.member(key, std::string_view(value));
        });
        w.end_object();
    }
    w.end_object();
    return out;
}

Result<Model> decode_manifest(std::string_view text) {
    json::Document document;
    auto root = document.parse(text);
    auto model = root ? decode(*root) : Result<Model>(std::unexpect, std::move(root.error()));
    if (!model && model.error()->code == Code::invalid_request) model.error()->code = Code::corrupt;
    return model;
}

}  // namespace hearth::models

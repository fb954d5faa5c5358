// What Ollama tells of its models: tags, show, ps. Clouds' models are shown like local ones, since they answer here too.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/sha256.h"
#include "compat/compat.h"
#include "models/gguf.h"
#include "text/json_require.h"
#include "text/json_writer.h"
#include "wire/ollama/defaults.h"
#include "wire/ollama/models.h"

namespace hearth::compat {

namespace {

using wire::ollama::ModelDetails;
using wire::ollama::ModelEntry;

std::int64_t unix_s(Wall when) {
    return std::chrono::duration_cast<seconds>(when.time_since_epoch()).count();
}

// "8.2B", "494.03M", as Ollama writes it.
std::string parameter_size(std::uint64_t parameters) {
    const auto n = static_cast<double>(parameters);
    if (n >= 1e9) return fmt::format("{:.1f}B", n / 1e9);
    if (n >= 1e6) return fmt::format("{:.2f}M", n / 1e6);
    return parameters > 0 ? fmt::format("{:.0f}K", n / 1e3) : std::string();
}

std::string ollama_name(const std::string& name) {
    return name.starts_with("hf:") ? "hf.co/" + name.substr(3) : name;
}

std::vector<std::string> capabilities_of(const route::Model& model, const models::Model* file) {
    std::vector<std::string> out;
    const auto& can = model.can;
    const bool answers = !can.known || can.chat || can.completion;
    if (answers) out.emplace_back("completion");
    if (!can.known || can.tools) out.emplace_back("tools");  // nothing is known, so nothing is ruled out
    if (can.known && can.suffix) out.emplace_back("insert");
    if (can.known && can.images) out.emplace_back("vision");
    if (file && file->facts.reasoning) out.emplace_back("thinking");
    if (!answers && can.embedding) out.emplace_back("embedding");
    return out;
}

// Clients cut twelve digits off a digest: where the content's sum is not known, one of name and size stands in its place.
std::string digest_of(const route::Model& model, const models::Model* file) {
    if (file && !file->files.front().sha256.empty()) return file->files.front().sha256;
    return to_hex(sha256(fmt::format("{} {}", model.full_name(), model.bytes)));
}

ModelEntry entry_of(gateway::Services& services, const route::Model& model) {
    const bool own = model.provider == route::kEngine;
    const auto* file = own ? services.ports.directory.own(model.id) : nullptr;
    ModelEntry entry;
    entry.name = ollama_name(file ? file->name : own ? model.id : model.full_name());
    entry.size = model.bytes;
    entry.digest = digest_of(model, file);
    entry.family = file ? file->facts.architecture : model.provider;
    entry.format = file ? "gguf" : "";
    entry.capabilities = capabilities_of(model, file);
    entry.context_length = model.can.context_tokens;
    if (!file) return entry;
    entry.modified_at_s = unix_s(file->added);
    entry.parameter_size = parameter_size(file->facts.parameters);
    entry.quantization_level = file->facts.quantization;
    entry.embedding_length = static_cast<std::int64_t>(file->facts.embedding_length);
    return entry;
}

// What a request that says nothing of num_ctx gets.
std::int64_t usual_context(gateway::Services& services, const models::Model& file) {
    if (!file.settings.parameters.empty()) {
        const auto defaults = wire::ollama::decode_defaults(file.settings.parameters);
        if (defaults && defaults->context_tokens) return *defaults->context_tokens;
    }
    if (services.config().engine.context > 0) return services.config().engine.context;
    const auto trained = static_cast<std::int64_t>(
        std::min<std::uint64_t>(file.facts.context_length, engine::kDefaultContext));
    return trained > 0 ? trained : engine::kDefaultContext;
}

// "temperature                    0.7", a line for each; num_ctx stands there already.
std::string parameter_lines(std::string_view options) {
    std::string out;
    json::Document document;
    const auto root = document.parse(options.empty() ? std::string_view("{}") : options);
    if (!root) return out;
    const auto line = [&out](std::string_view name, std::string_view value) {
        out += fmt::format("{}{:<30} {}", out.empty() ? "" : "\n", name, value);
    };
    for (const auto member : root->members()) {
        if (member.key() == "num_ctx") continue;
        if (!member.value.is_array()) line(member.key(), member.value.raw());
        if (!member.value.is_array()) continue;
        for (const auto one : member.value.elements()) line(member.key(), one.raw());
    }
    return out;
}

std::string json_of(const models::GgufKey& key) {
    using Kind = models::GgufKey::Kind;
    std::string out;
    if (key.kind == Kind::boolean) return key.value;
    if (key.kind == Kind::text) {
        json::append_string(out, key.value);
        return out;
    }
    json::Document document;  // infinities are no numbers to JSON; arrays are not kept
    return key.kind == Kind::number && document.parse(key.value) ? key.value : "null";
}

void add_file(ModelDetails& details, const models::Gguf& gguf, bool verbose) {
    for (const auto& key : gguf.keys) {
        if (key.key == "general.basename") details.basename = key.value;
        if (key.key != "tokenizer.chat_template") details.info.emplace_back(key.key, json_of(key));
    }
    if (details.template_text.empty()) details.template_text = gguf.chat_template;
    if (!verbose) return;
    for (const auto& tensor : gguf.tensors) {
        auto& out = details.tensors.emplace_back();
        out.name = tensor.name;
        out.type = models::gguf_tensor_type_name(tensor.type);
        out.shape.assign(tensor.shape.begin(), tensor.shape.end());
        while (out.shape.size() > 1 && out.shape.back() == 1) out.shape.pop_back();
    }
}

std::string modelfile_of(const models::Model& file, const ModelDetails& details) {
    auto out = fmt::format("# Modelfile as Hearth would write it\nFROM {}\n", file.path());
    if (!details.system.empty()) out += fmt::format("SYSTEM \"\"\"{}\"\"\"\n", details.system);
    for (std::string_view rest = details.parameters; !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        out += fmt::format("PARAMETER {}\n", rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
}

}  // namespace

Answer ollama_tags(Call& call) {
    std::vector<ModelEntry> entries;
    for (const std::string_view chooser : {"auto", "local"}) {
        const auto model = find_model(call, std::string(chooser));
        if (!model) continue;
        entries.push_back(entry_of(call.services, *model));
        entries.back().name = chooser;
    }
    const auto models = call.services.ports.directory.models();
    for (const auto& model : models->all()) {
        if (model.not_ready.empty()) entries.push_back(entry_of(call.services, model));
    }
    co_return wire::ollama::encode_tags(entries);
}

Answer ollama_show(Call& call) {
    const auto name = requested_model(call);
    const auto verbose = json::optional_bool(call.body, "verbose");
    if (!name || !verbose) co_return fail(!name ? name.error() : verbose.error());
    const auto model = find_model(call, *name);
    if (!model) co_return fail(model.error());
    ModelDetails details;
    details.model = entry_of(call.services, *model);
    const auto* known =
        model->provider == route::kEngine ? call.services.ports.directory.own(model->id) : nullptr;
    if (!known) {
        details.basename = model->id;
        co_return wire::ollama::encode_show(details);
    }
    const models::Model file = *known;  // the list may be read anew while the file is
    details.parameter_count = static_cast<std::int64_t>(file.facts.parameters);
    details.num_ctx = usual_context(call.services, file);
    details.parameters = parameter_lines(file.settings.parameters);
    details.system = file.settings.system;
    details.template_text = file.settings.chat_template;
    details.license = file.settings.license.empty() ? file.facts.license : file.settings.license;
    auto gguf =
        co_await call.services.ports.loop.run_blocking([&file] { return models::read_gguf(file.path()); });
    if (!gguf) co_return fail(std::move(gguf.error()));
    add_file(details, *gguf, verbose->value_or(false));
    details.modelfile = modelfile_of(file, details);
    co_return wire::ollama::encode_show(details);
}

Answer ollama_ps(Call& call) {
    using State = engine::WorkerState;
    std::vector<wire::ollama::LoadedModel> loaded;
    const auto models = call.services.ports.directory.models();
    for (const auto& worker : call.services.supervisor.ps()) {
        if (worker.state != State::ready && worker.state != State::busy) continue;
        wire::ollama::LoadedModel row;
        const auto model = find_model(call, worker.model);
        if (model) row.model = entry_of(call.services, *model);
        if (!model) row.model.name = ollama_name(worker.model);  // removed since
        row.model.size = static_cast<std::int64_t>(worker.memory_bytes);
        row.context_length = worker.context_tokens;
        if (worker.unload_at) row.expires_at_s = unix_s(*worker.unload_at);
        loaded.push_back(std::move(row));
    }
    co_return wire::ollama::encode_ps(loaded);
}

}  // namespace hearth::compat

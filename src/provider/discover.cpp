#include "provider/discover.h"

#include <fmt/format.h>

#include <charconv>

#include "text/json.h"

namespace hearth::provider {

namespace {

using Answers = std::vector<ProbeAnswer>;

const ProbeAnswer* answered(const Answers& answers, std::string_view path) {
    const auto found = std::ranges::find(answers, path, &ProbeAnswer::path);
    return found == answers.end() || found->status != 200 ? nullptr : &*found;
}

// A probe's answer as an object; nothing when it was not answered.
class Read {
  public:
    Read(const Answers& answers, std::string_view path) {
        const auto* const answer = answered(answers, path);
        if (!answer) return;
        auto root = document_.parse(answer->body, {.depth = 32, .nodes = 200'000, .bytes = kProbeBytes});
        if (root && root->is_object()) root_ = *root;
        broken_ = !root_;
    }
    explicit operator bool() const { return static_cast<bool>(root_); }
    [[nodiscard]] bool broken() const { return broken_; }  // answered, but not with an object
    json::Value operator[](std::string_view key) const { return root_.get(key); }

  private:
    json::Document document_;
    json::Value root_;
    bool broken_ = false;
};

Failed not_there(std::string_view what) {
    return fail(Code::unavailable, fmt::format("No {} answers there.", what));
}
Failed unreadable(std::string_view what, std::string_view path) {
    return fail(Code::upstream_failed,
                fmt::format("{} answers {} with something that cannot be read.", what, path));
}

bool holds(json::Value array, std::string_view word) {
    for (const auto element : array.elements()) {
        if (element.as_string() == word) return true;
    }
    return false;
}

std::int64_t positive(json::Value value) {
    return std::max<std::int64_t>(value.as_int().value_or(0), 0);
}

bool room_for_one(Found& found) {
    found.truncated = found.models.size() >= kMaxLocalModels;
    return !found.truncated;
}

bool usable_id(std::string_view id) {
    return !id.empty() && id.size() <= limits::kModelNameBytes;
}

Result<Found> read_ollama(const Answers& answers) {
    const Read version(answers, "/api/version"), tags(answers, "/api/tags"), running(answers, "/api/ps");
    if (!version || !version["version"].is_string()) return not_there("Ollama");
    if (!tags) return unreadable("Ollama", "/api/tags");
    Found found{.runtime = Runtime::ollama, .version = std::string(version["version"].as_string())};
    for (const auto item : tags["models"].elements()) {
        const auto name = item["model"].is_string() ? item["model"].as_string() : item["name"].as_string();
        if (!usable_id(name)) continue;
        if (!room_for_one(found)) break;
        LocalModel model{.id = std::string(name)};
        model.bytes = positive(item["size"]);
        model.context = positive(item["details"]["context_length"]);
        const auto abilities = item["capabilities"];
        if (abilities.is_array()) {
            model.chat = holds(abilities, "completion");
            model.embedding = holds(abilities, "embedding");
            model.tools = holds(abilities, "tools");
            model.images = holds(abilities, "vision");
            model.suffix = holds(abilities, "insert");
        } else {
            model.tools = true;  // older versions do not say: nothing is ruled out
        }
        const bool remote =
            !item["remote_model"].as_string().empty() || !item["remote_host"].as_string().empty();
        if (remote || ollama_name_is_remote(name)) model.place = Place::cloud;
        for (const auto loaded : running["models"].elements()) {
            if (loaded["model"].as_string() != name && loaded["name"].as_string() != name) continue;
            model.loaded = true;
            if (const auto context = positive(loaded["context_length"]))
                model.context = context;  // as configured
        }
        found.models.push_back(std::move(model));
    }
    return found;
}

Result<Found> read_lmstudio(const Answers& answers) {
    const Read greeting(answers, "/lmstudio-greeting"), models(answers, "/api/v0/models");
    if (!greeting || greeting["lmstudio"].as_bool() != true) return not_there("LM Studio");
    if (!models) return unreadable("LM Studio", "/api/v0/models");
    Found found{.runtime = Runtime::lmstudio};
    for (const auto item : models["data"].elements()) {
        const auto id = item["id"].as_string();
        if (!usable_id(id)) continue;
        if (!room_for_one(found)) break;
        LocalModel model{.id = std::string(id)};
        const auto type = item["type"].as_string();
        model.embedding = type == "embeddings";
        model.chat = !model.embedding;
        model.images = type == "vlm";
        model.tools = holds(item["capabilities"], "tool_use");
        model.loaded = item["state"].as_string() == "loaded";
        model.context = positive(item["loaded_context_length"]);
        if (model.context == 0) model.context = positive(item["max_context_length"]);
        found.models.push_back(std::move(model));
    }
    return found;
}

Result<Found> read_llama_server(const Answers& answers) {
    const Read props(answers, "/props"), models(answers, "/v1/models");
    // Its own word for itself; /props without it is another program's.
    if (!props || !props["default_generation_settings"].is_object()) return not_there("llama-server");
    if (!models) return unreadable("llama-server", "/v1/models");
    Found found{.runtime = Runtime::llama_server, .version = std::string(props["build_info"].as_string())};
    for (const auto item : models["data"].elements()) {
        const auto id = item["id"].as_string();
        if (!usable_id(id)) continue;
        if (!room_for_one(found)) break;
        LocalModel model{.id = std::string(id)};
        const auto meta = item["meta"];
        model.bytes = positive(meta["size"]);
        model.context = positive(props["default_generation_settings"]["n_ctx"]);
        if (model.context == 0) model.context = positive(meta["n_ctx_train"]);
        model.images = props["modalities"]["vision"].as_bool().value_or(false);
        model.tools = props["chat_template_caps"]["supports_tools"].as_bool().value_or(true);
        const auto status = item["status"]["value"].as_string();  // router mode
        model.loaded = status.empty() || status == "loaded";
        found.models.push_back(std::move(model));
    }
    return found;
}

Result<Found> read_vllm(const Answers& answers) {
    const Read version(answers, "/version"), models(answers, "/v1/models");
    if (!version || !version["version"].is_string() || !models) return not_there("vLLM");
    Found found{.runtime = Runtime::vllm, .version = std::string(version["version"].as_string())};
    bool ours = false;
    for (const auto item : models["data"].elements()) {
        const auto id = item["id"].as_string();
        ours = ours || item["owned_by"].as_string() == "vllm" || item["max_model_len"].is_integer();
        if (!usable_id(id)) continue;
        if (!room_for_one(found)) break;
        LocalModel model{.id = std::string(id), .loaded = true};
        model.context = positive(item["max_model_len"]);
        model.tools = true;
        found.models.push_back(std::move(model));
    }
    if (!ours) return not_there("vLLM");
    return found;
}

}  // namespace

std::vector<Probe> probes(Runtime runtime) {
    switch (runtime) {
        case Runtime::none:
            return {};
        case Runtime::ollama:
            return {{"/api/version", true}, {"/api/tags", true}, {"/api/ps", false}};
        case Runtime::lmstudio:
            return {{"/lmstudio-greeting", true}, {"/api/v0/models", true}};
        case Runtime::llama_server:
            return {{"/props", true}, {"/v1/models", true}};
        case Runtime::vllm:
            return {{"/version", true}, {"/v1/models", true}};
    }
    return {};
}

Result<Found> read_probes(Runtime runtime, const std::vector<ProbeAnswer>& answers) {
    switch (runtime) {
        case Runtime::none:
            break;
        case Runtime::ollama:
            return read_ollama(answers);
        case Runtime::lmstudio:
            return read_lmstudio(answers);
        case Runtime::llama_server:
            return read_llama_server(answers);
        case Runtime::vllm:
            return read_vllm(answers);
    }
    return not_there("known server");
}

bool ollama_name_is_remote(std::string_view model) {
    const auto colon = model.rfind(':');
    if (colon == std::string_view::npos) return model.ends_with("-cloud");
    const auto tag = model.substr(colon + 1);
    return tag == "cloud" || tag.ends_with("-cloud");
}

}  // namespace hearth::provider

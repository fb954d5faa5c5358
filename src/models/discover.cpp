#include "models/discover.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "models/files.h"
#include "models/hub.h"
#include "text/json.h"

namespace hearth::models {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> entries_of(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator at(folder, fs::directory_options::skip_permission_denied, error), end;
         !error && at != end && found.size() < 4096; at.increment(error)) {
        found.push_back(at->path());
    }
    std::ranges::sort(found);
    return found;
}

// Files below a folder, three levels deep; links to folders are not followed.
void gguf_files(const fs::path& folder, int depth, std::vector<fs::path>& into) {
    for (const auto& path : entries_of(folder)) {
        std::error_code error;
        if (fs::is_directory(fs::symlink_status(path, error)) && depth > 0)
            gguf_files(path, depth - 1, into);
        else if (path.extension() == ".gguf" && fs::is_regular_file(path, error))
            into.push_back(path);
    }
}

class Finder {
  public:
    Finder(FactsCache& cache, const Environment& environment) : cache_(cache), environment_(environment) {}

    std::vector<Model> all() {
        hugging_face();
        lm_studio();
        ollama();
        return std::move(found_);
    }

  private:
    [[nodiscard]] std::string home(std::string_view below) const {
        const auto home = environment_("HOME");
        return home.empty() ? std::string() : fmt::format("{}/{}", home, below);
    }
    // The first variable that is set, joined with its subfolder.
    [[nodiscard]] std::string first_of(std::initializer_list<std::pair<const char*, const char*>> variables,
                                       std::string_view otherwise) const {
        for (const auto& [name, below] : variables) {
            if (auto value = environment_(name); !value.empty()) return value + below;
        }
        return home(otherwise);
    }
    void add(const fs::path& file, std::string name, const char* origin) {
        if (found_.size() >= kMostDiscovered || !parse_name(name)) return;
        if (std::ranges::any_of(found_, [&](const Model& m) { return m.name == name; })) return;
        auto model = model_of_files(cache_, file.string(), std::move(name), origin);
        // Projectors and adapters are GGUF files too.
        if (model && (model->facts.type.empty() || model->facts.type == "model"))
            found_.push_back(std::move(*model));
    }
    void add_repository(const fs::path& folder, std::string_view repository, const char* origin) {
        std::vector<fs::path> files;
        gguf_files(folder, 3, files);
        for (const auto& file : files) {
            const auto name = file.filename().string();
            if (parse_split_name(name).number > 1 || name.find("mmproj") != std::string::npos) continue;
            const auto quant = quant_of(name);
            add(file, fmt::format("hf:{}{}{}", repository, quant.empty() ? "" : ":", quant), origin);
        }
    }

    void hugging_face() {
        const auto root = first_of({{"HF_HUB_CACHE", ""},
                                    {"HUGGINGFACE_HUB_CACHE", ""},
                                    {"HF_HOME", "/hub"},
                                    {"XDG_CACHE_HOME", "/huggingface/hub"}},
                                   ".cache/huggingface/hub");
        for (const auto& folder : entries_of(root)) {
            auto repository = folder.filename().string();
            if (!repository.starts_with("models--")) continue;
            repository.erase(0, 8);
            const auto dashes = repository.find("--");
            if (dashes == std::string::npos) continue;
            repository.replace(dashes, 2, "/");
            auto commit = read_small_file((folder / "refs/main").string(), 256);
            if (!commit) continue;
            while (!commit->empty() && commit->back() == '\n') commit->pop_back();
            if (commit->find_first_of("/.") != std::string::npos) continue;
            add_repository(folder / "snapshots" / *commit, repository, "huggingface");
        }
    }

    void lm_studio() {
        for (const auto& root : {home(".lmstudio/models"), home(".cache/lm-studio/models")}) {
            for (const auto& publisher : entries_of(root)) {
                for (const auto& repository : entries_of(publisher)) {
                    const auto name = publisher.filename().string() + "/" + repository.filename().string();
                    add_repository(repository, name, "lmstudio");
                }
            }
        }
    }

    void ollama() {
        const auto ollama_folder = first_of({{"OLLAMA_MODELS", ""}}, ".ollama/models");
        for (const auto& root : {fs::path(ollama_folder), fs::path("/usr/share/ollama/.ollama/models")}) {
            if (environment_("HOME").empty() && root != ollama_folder) continue;
            for (const auto& model : entries_of(root / "manifests/registry.ollama.ai/library")) {
                for (const auto& tag : entries_of(model)) {
                    const auto blob = ollama_blob(tag);
                    if (blob.empty()) continue;
                    add(root / "blobs" / blob,
                        fmt::format("{}:{}", model.filename().string(), tag.filename().string()), "ollama");
                }
            }
        }
    }

    // "sha256-<hex>" of the layer that is the model.
    static std::string ollama_blob(const fs::path& manifest) {
        const auto text = read_small_file(manifest.string(), 256 * 1024);
        json::Document document;
        const auto root = text ? document.parse(*text) : Result<json::Value>(std::unexpect, text.error());
        if (!root) return {};
        for (const auto layer : (*root)["layers"].elements()) {
            const auto digest = layer["digest"].as_string();
            const bool hex =
                digest.starts_with("sha256:") && digest.size() == 71 &&
                std::ranges::all_of(digest.substr(7), [](unsigned char c) { return std::isxdigit(c); });
            if (layer["mediaType"].as_string() == "application/vnd.ollama.image.model" && hex) {
                return fmt::format("sha256-{}", digest.substr(7));
            }
        }
        return {};
    }

    FactsCache& cache_;
    const Environment& environment_;
    std::vector<Model> found_;
};

}  // namespace

std::string process_environment(std::string_view name) {
    const char* value = std::getenv(std::string(name).c_str());
    return value ? value : "";
}

Result<std::vector<std::string>> split_siblings(const std::string& path) {
    const fs::path file = path;
    const auto name = file.filename().string();
    const auto split = parse_split_name(name);
    if (split.count == 0) return std::vector{path};
    std::vector<std::string> parts;
    for (std::uint32_t i = 1; i <= split.count; ++i) {
        auto part =
            (file.parent_path() / fmt::format("{}-{:05}-of-{:05}.gguf", split.stem, i, split.count)).string();
        if (!file_size(part)) {
            return fail(Code::corrupt, fmt::format("{} is part {} of {}, but {} is not beside it", path,
                                                   split.number, split.count, part));
        }
        parts.push_back(std::move(part));
    }
    return parts;
}

Result<GgufFacts> FactsCache::facts(const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) == 0) {
        const auto changed = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
        const auto bytes = static_cast<std::uint64_t>(info.st_size);
        {
            const std::lock_guard lock(mutex_);
            const auto found = known_.find(path);
            if (found != known_.end() && found->second.bytes == bytes &&
                found->second.changed_ns == changed) {
                return found->second.facts;
            }
        }
        auto gguf = read_gguf(path);
        if (!gguf) return fail(gguf.error());
        const std::lock_guard lock(mutex_);
        if (known_.size() >= kMaxEntries) known_.clear();
        known_[path] = {bytes, changed, gguf->facts};
        return std::move(gguf->facts);
    }
    auto gguf = read_gguf(path);  // for its error
    if (!gguf) return fail(gguf.error());
    return std::move(gguf->facts);
}

Result<Model> model_of_files(FactsCache& cache, const std::string& first, std::string name,
                             std::string origin) {
    auto parts = split_siblings(first);
    if (!parts) return fail(parts.error());
    Model model;
    model.name = std::move(name);
    model.source = first;
    model.origin = std::move(origin);
    for (const auto& part : *parts) {
        auto facts = cache.facts(part);
        if (!facts) return fail(facts.error());
        auto size = file_size(part);
        if (!size) return fail(size.error());
        model.bytes += *size;
        model.tensor_bytes += facts->tensor_bytes;
        if (model.files.empty()) model.facts = std::move(*facts);
        model.files.push_back({part, fs::path(part).filename().string(), "", *size});
    }
    return model;
}

std::vector<Model> discover_models(FactsCache& cache, const Environment& environment) {
    return Finder(cache, environment).all();
}

}  // namespace hearth::models

#pragma once
// The models on this machine: blobs named by their SHA-256 and one small JSON manifest per name, under
// $HEARTH_HOME/models. Blobs are written to temporary files and renamed, so a killed process leaves no partial blob; folders are
// 0700 and files 0600. Calls block (they read folders and small files): use Loop::run_blocking where that matters.
//
//   blobs/sha256-<hex>          the bytes
//   manifests/<escaped>.json    name, source, files, facts, time
//   partial/<sha256 of url>.*   unfinished downloads (models/pull.h)
//   uploads/sha256-<hex>        uploaded, not yet part of a model (models/upload.h)
//
// Names: `name[:tag]` (tag "latest" by default), `hf:org/repo[:QUANT]`, a path to a .gguf
// file (absolute, or with a slash, or existing), and `spark`, which is built in.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "models/gguf.h"

namespace hearth::models {

inline constexpr std::string_view kBuiltinName = "spark";
inline constexpr std::string_view kFolderOrigin = "folder";  // of a file in [engine] models_dirs

struct ModelFile {
    std::string path;    // absolute
    std::string name;    // original file name: "qwen2.5-coder-1.5b-q4_k_m.gguf"
    std::string sha256;  // lower-case hex; empty when not known (a plain path, the built-in)
    std::uint64_t bytes = 0;
};

// User settings of a model, beside its file.
struct Settings {
    std::string system;         // for chats without a system message
    std::string chat_template;  // Jinja, replaces the file's template
    std::string parameters;     // a JSON object of Ollama's options: defaults for requests
    std::string license;
    bool operator==(const Settings&) const = default;
};
inline constexpr std::size_t kSettingsBytes = 128U << 10;  // total; a manifest has 1 MiB

struct Model {
    std::string name;    // canonical: "spark", "coder:latest", "hf:org/repo:Q4_K_M", "/path/x.gguf"
    std::string source;  // what was pulled: path, URL, "hf:…@commit"; "built-in"
    std::string origin;  // "hearth" | "built-in" | "file" | "folder" | "huggingface" | "lmstudio" | "ollama"
    std::vector<ModelFile> files;    // parts in order; the first is the one to load
    std::uint64_t bytes = 0;         // of all files
    std::uint64_t tensor_bytes = 0;  // of all files
    GgufFacts facts;                 // of the first file
    Settings settings;
    Wall added{};
    [[nodiscard]] const std::string& path() const { return files.front().path; }
};

struct Name {
    enum class Kind : std::uint8_t { plain, hub, file } kind = Kind::plain;
    std::string base;       // "coder" | "org/repo" | the path
    std::string tag;        // plain: tag; hub: QUANT; empty if unspecified
    std::string canonical;  // "coder:latest", "hf:org/repo:Q4_K_M", "/path"
};
// Code::invalid_request with the violated rule: characters are [A-Za-z0-9._-], 1 to 128 of each part, no part
// begins with '.' or '-'.
[[nodiscard]] Result<Name> parse_name(std::string_view text);

class FactsCache;

class Store {
  public:
    struct Options {
        std::string root;                                 // $HEARTH_HOME/models; created when first written
        std::string builtin;                              // path of spark.gguf, or empty: find_builtin()
        bool discover = true;                             // also list other programs' models, read only
        std::vector<std::filesystem::path> folders = {};  // [engine] models_dirs, read only
    };
    explicit Store(Options options);

    // All models: the built-in, ours, those of the folders, then those of other stores (both read only). `warnings` says
    // in sentences what is left out and why: manifests that cannot be read or whose blob is gone, folders that are missing,
    // files without a name of their own.
    struct Listing {
        std::vector<Model> models;
        std::vector<std::string> warnings;
    };
    [[nodiscard]] Listing list() const;

    // Other folders from now on: the configuration was loaded again. Any thread.
    void set_folders(std::vector<std::filesystem::path> folders);
    [[nodiscard]] bool has_folders() const { return !folders().empty(); }
    // Differs from an earlier answer when files in the folders have come, gone or changed; 0 without folders.
    [[nodiscard]] std::uint64_t folders_stamp() const;

    // Code::not_found with up to three nearest names in the sentence; Code::corrupt for a damaged file or manifest.
    [[nodiscard]] Result<Model> resolve(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> nearest(std::string_view name, std::size_t at_most = 3) const;

    // Adds verified GGUF files to the store under `name`. With `move`, the file at path is renamed
    // into the store (a finished download); else hard-linked if possible, otherwise copied. An existing name is
    // replaced. sha256 is computed where it is empty. Code::storage when the disk is full, with both numbers.
    [[nodiscard]] Result<Model> add(const Name& name, std::string source, std::vector<ModelFile> files,
                                    bool move, Wall now, Settings settings = {});
    // Another name for a model of any origin. A stored model shares its blobs; others are added to the store as by add().
    // An existing name is replaced.
    [[nodiscard]] Result<Model> copy(std::string_view from, const Name& to, Wall now);
    // The blob with this SHA-256 (64 hex digits, lower case), of a model or uploaded.
    struct Blob {
        std::string path;
        bool uploaded = false;  // and not yet part of a model
    };
    [[nodiscard]] std::optional<Blob> blob(std::string_view sha256) const;
    // Imports one GGUF file (and its sibling parts). The name defaults to the file's stem.
    [[nodiscard]] Result<Model> import_file(const std::string& path, std::optional<Name> name, Wall now);

    // A path beside the uploads for a temporary file; abandoned ones are removed like uploads.
    [[nodiscard]] Result<std::string> scratch(std::string_view name) const;

    // Removes the name and the blobs that no other name uses. Code::not_found; Code::forbidden for the built-in and for
    // models of other programs. Returns bytes freed.
    [[nodiscard]] Result<std::uint64_t> remove(std::string_view name);

    [[nodiscard]] const std::string& root() const { return options_.root; }
    [[nodiscard]] std::string partial_dir() const { return options_.root + "/partial"; }
    [[nodiscard]] std::string upload_dir() const { return options_.root + "/uploads"; }
    [[nodiscard]] std::optional<Model> builtin() const;

  private:
    [[nodiscard]] std::string manifest_path(const Name& name) const;
    [[nodiscard]] Result<Model> load_manifest(const std::string& path) const;
    [[nodiscard]] Result<Model> model_of_path(const std::string& given) const;
    [[nodiscard]] std::vector<std::filesystem::path> folders() const;
    Options options_;
    std::shared_ptr<FactsCache> facts_;
    mutable std::mutex folders_mutex_;  // of options_.folders
};

// Path of the built-in model's file: $HEARTH_SPARK, else <folder of the program>/../share/hearth/spark.gguf. Empty if
// there is none.
[[nodiscard]] std::string find_builtin();

// Edit distance with transpositions (optimal string alignment), case ignored; stops above `limit` and returns limit+1.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

}  // namespace hearth::models

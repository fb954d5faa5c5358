#include "models/store.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "models/discover.h"
#include "models/files.h"
#include "models/folders.h"
#include "models/manifest.h"
#include "text/url.h"

namespace hearth::models {
namespace {

namespace fs = std::filesystem;

bool same_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && edit_distance(a, b, 0) == 0;
}

std::string expand_home(const std::string& path) {
    if (!path.starts_with("~/")) return path;
    const char* home = std::getenv("HOME");
    return home ? home + path.substr(1) : path;
}

std::string absolute_path(const std::string& given) {
    std::error_code ignored;
    return fs::absolute(expand_home(given), ignored).lexically_normal().string();
}

}  // namespace

Store::Store(Options options) : options_(std::move(options)), facts_(std::make_shared<FactsCache>()) {
    if (options_.builtin.empty()) options_.builtin = find_builtin();
}

Result<Model> Store::model_of_path(const std::string& given) const {
    const auto path = absolute_path(given);
    return model_of_files(*facts_, path, path, "file");
}

std::string Store::manifest_path(const Name& name) const {
    return fmt::format("{}/manifests/{}.json", options_.root, text::percent_encode(name.canonical));
}

std::optional<Model> Store::builtin() const {
    if (options_.builtin.empty()) return std::nullopt;
    auto model = model_of_files(*facts_, options_.builtin, std::string(kBuiltinName), "built-in");
    if (!model) return std::nullopt;
    model->source = "built-in";
    return std::move(*model);
}

Result<Model> Store::load_manifest(const std::string& path) const {
    auto json = read_small_file(path, kManifestBytes);
    if (!json) return fail(json.error());
    auto model = decode_manifest(*json);
    if (!model) {
        return fail(model.error()->code,
                    fmt::format("the manifest {} is damaged ({}); fetch the model again, or delete it", path,
                                model.error()->message));
    }
    for (auto& file : model->files) {
        // libllama finds the parts of a split model beside the first one, by their file names.
        file.path = model->files.size() > 1
                        ? fmt::format("{}/parts/{}/{}", options_.root, model->files.front().sha256, file.name)
                        : fmt::format("{}/blobs/sha256-{}", options_.root, file.sha256);
        const auto size = file_size(file.path);
        if (!size || *size != file.bytes) {
            return fail(Code::corrupt, fmt::format("{} of {} {}; fetch it again", file.path, model->name,
                                                   size ? fmt::format("has {} bytes of {}", *size, file.bytes)
                                                        : "is missing"));
        }
    }
    return model;
}

Store::Listing Store::list() const {
    Listing listing;
    if (auto spark = builtin()) listing.models.push_back(std::move(*spark));
    std::vector<std::string> paths;
    std::error_code error;
    for (fs::directory_iterator at(options_.root + "/manifests", error), end; !error && at != end;
         at.increment(error)) {
        if (at->path().extension() == ".json") paths.push_back(at->path().string());
    }
    std::ranges::sort(paths);
    for (const auto& path : paths) {
        auto model = load_manifest(path);
        if (model)
            listing.models.push_back(std::move(*model));
        else
            listing.warnings.push_back(std::move(model.error()->message));
    }
    list_folders(*facts_, folders(), options_.root, listing);
    if (options_.discover) {
        for (auto& found : discover_models(*facts_)) {
            const bool ours =
                std::ranges::any_of(listing.models, [&](const Model& m) { return m.name == found.name; });
            if (!ours) listing.models.push_back(std::move(found));
        }
    }
    return listing;
}

std::vector<fs::path> Store::folders() const {
    const std::lock_guard lock(folders_mutex_);
    return options_.folders;
}

void Store::set_folders(std::vector<fs::path> folders) {
    const std::lock_guard lock(folders_mutex_);
    options_.folders = std::move(folders);
}

std::uint64_t Store::folders_stamp() const {
    const auto now = folders();
    return now.empty() ? 0 : scan_folders(now, options_.root).stamp;
}

Result<Model> Store::resolve(std::string_view text) const {
    auto name = parse_name(text);
    if (!name) return fail(name.error());
    if (name->kind == Name::Kind::file) return model_of_path(name->base);
    if (name->canonical == kBuiltinName) {
        if (auto spark = builtin()) return std::move(*spark);
        return fail(Code::not_found,
                    fmt::format("the built-in model 'spark' is not installed: no file at {}",
                                options_.builtin.empty() ? "share/hearth/spark.gguf" : options_.builtin));
    }
    auto exact = load_manifest(manifest_path(*name));
    if (exact || exact.error()->code != Code::not_found) return exact;
    // Quantization in another case, or none: the first of that repository.
    auto listing = list();
    for (auto& model : listing.models) {
        const auto other = parse_name(model.name);
        if (!other || other->kind != name->kind || !same_ignoring_case(other->base, name->base)) continue;
        const bool any_quant = name->tag.empty() && name->kind == Name::Kind::hub;
        if (any_quant || same_ignoring_case(other->canonical, name->canonical)) {
            return std::move(model);
        }
    }
    const auto near = nearest(text);
    return fail(
        Code::not_found,
        near.empty()
            ? fmt::format("there is no model '{}'; `hearth list` shows the available ones", name->canonical)
            : fmt::format("there is no model '{}'; did you mean {}?", name->canonical, fmt::join(near, ", ")),
        "model");
}

std::vector<std::string> Store::nearest(std::string_view text, std::size_t at_most) const {
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const auto& model : list().models) {
        std::string_view name = model.name;
        if (name.ends_with(":latest")) name.remove_suffix(7);
        const auto limit = std::max<std::size_t>(2, std::min(text.size(), name.size()) / 2);
        auto distance = edit_distance(text, name, limit);
        const bool inside = text.size() >= 3 && name.find(text) != std::string_view::npos;
        if (inside) distance = std::min<std::size_t>(distance, 1);
        if (distance <= limit) near.emplace_back(distance, name);
    }
    std::ranges::sort(near);
    std::vector<std::string> out;
    for (auto& [distance, name] : near) {
        if (out.size() == at_most) break;
        out.push_back(std::move(name));
    }
    return out;
}

Result<Model> Store::add(const Name& name, std::string source, std::vector<ModelFile> files, bool move,
                         Wall now, Settings settings) {
    if (name.kind == Name::Kind::file || name.canonical == kBuiltinName || files.empty()) {
        return fail(Code::invalid_request, fmt::format("a model cannot be stored as '{}'", name.canonical),
                    "model");
    }
    for (const auto* folder : {"/blobs", "/manifests", "/parts"}) {
        if (auto made = make_private_folders(options_.root + folder); !made) return fail(made.error());
    }
    Model model;
    model.name = name.canonical;
    model.source = std::move(source);
    model.settings = std::move(settings);
    for (auto& file : files) {
        auto gguf = read_gguf(file.path);
        if (!gguf) return fail(gguf.error());
        if (model.files.empty()) model.facts = gguf->facts;
        model.tensor_bytes += gguf->facts.tensor_bytes;
        if (file.sha256.empty()) {
            auto sum = hash_file(file.path);
            if (!sum) return fail(sum.error());
            file.sha256 = std::move(*sum);
        }
        const auto blob = fmt::format("{}/blobs/sha256-{}", options_.root, file.sha256);
        if (auto taken = move ? move_file(file.path, blob) : bring(file.path, blob); !taken)
            return fail(taken.error());
        if (move) ::chmod(blob.c_str(), 0600);
        file.path = blob;
        model.files.push_back(file);
    }
    if (model.files.size() > 1) {
        const auto folder = fmt::format("{}/parts/{}", options_.root, model.files.front().sha256);
        if (auto made = make_private_folders(folder); !made) return fail(made.error());
        for (const auto& file : model.files) {
            if (auto linked = bring(file.path, folder + "/" + file.name); !linked)
                return fail(linked.error());
        }
    }
    model.added = now;
    const auto path = manifest_path(name);
    if (auto written = write_atomically(path, encode_manifest(model)); !written) return fail(written.error());
    return load_manifest(path);
}

Result<Model> Store::import_file(const std::string& given, std::optional<Name> name, Wall now) {
    const auto path = absolute_path(given);
    auto from = model_of_path(path);
    if (!from) return from;
    if (!name) {
        auto made = name_of_file(path);
        if (!made) return fail(made.error());
        name = std::move(*made);
    }
    return add(*name, path, std::move(from->files), false, now);
}

Result<std::uint64_t> Store::remove(std::string_view text) {
    auto model = resolve(text);
    if (!model && model.error()->code != Code::corrupt) return fail(model.error());
    auto name = parse_name(model ? std::string_view(model->name) : text);
    if (!name) return fail(name.error());
    if (model && model->origin == "built-in")
        return fail(Code::forbidden, "spark is part of Hearth and cannot be removed");
    if (model && model->origin == kFolderOrigin) {
        return fail(Code::forbidden,
                    fmt::format("{} is the file {} in a folder of [engine] models_dirs, where Hearth deletes "
                                "nothing; delete the file yourself",
                                model->name, model->path()));
    }
    if (name->kind == Name::Kind::file || (model && model->origin != "hearth")) {
        return fail(Code::forbidden,
                    fmt::format("{} is not in Hearth's store; remove it with the program that owns it",
                                name->canonical));
    }
    const auto path = manifest_path(*name);
    const auto json = read_small_file(path, kManifestBytes);
    const auto removed = json ? decode_manifest(*json) : Result<Model>(std::unexpect, json.error());
    if (::unlink(path.c_str()) != 0) return disk_error("remove", path, errno);
    sync_folder(options_.root + "/manifests");
    if (!removed) return 0;
    std::set<std::string> used;
    std::error_code error;
    for (fs::directory_iterator at(options_.root + "/manifests", error), end; !error && at != end;
         at.increment(error)) {
        const auto other_json = read_small_file(at->path().string(), kManifestBytes);
        const auto other =
            other_json ? decode_manifest(*other_json) : Result<Model>(std::unexpect, other_json.error());
        // An unreadable manifest may refer to any blob: then none is removed.
        if (!other && at->path().extension() == ".json") return 0;
        if (other)
            for (const auto& file : other->files) used.insert(file.sha256);
    }
    std::uint64_t freed = 0;
    if (removed->files.size() > 1 && !used.contains(removed->files.front().sha256)) {
        fs::remove_all(fmt::format("{}/parts/{}", options_.root, removed->files.front().sha256), error);
    }
    for (const auto& file : removed->files) {
        const auto blob = fmt::format("{}/blobs/sha256-{}", options_.root, file.sha256);
        if (!used.contains(file.sha256) && ::unlink(blob.c_str()) == 0) freed += file.bytes;
    }
    return freed;
}

std::string find_builtin() {
    if (const char* named = std::getenv("HEARTH_SPARK"); named != nullptr && *named != '\0') return named;
    std::error_code error;
    const auto program = fs::read_symlink("/proc/self/exe", error);
    if (error) return {};
    const auto path = program.parent_path().parent_path() / "share/hearth/spark.gguf";
    return fs::exists(path, error) ? path.string() : std::string();
}

}  // namespace hearth::models

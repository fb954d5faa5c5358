// Copies of models: a copy is a second manifest for the same blobs.
#include <fmt/format.h>

#include <algorithm>

#include "models/files.h"
#include "models/manifest.h"
#include "models/store.h"
#include "models/upload.h"

namespace hearth::models {

Result<Model> Store::copy(std::string_view from, const Name& to, Wall now) {
    auto model = resolve(from);
    if (!model) return model;
    if (model->name == to.canonical) return model;
    if (model->origin != "hearth") {
        auto files = model->files;
        return add(to, model->source, std::move(files), false, now, model->settings);
    }
    if (to.kind == Name::Kind::file || to.canonical == kBuiltinName)
        return fail(Code::invalid_request, fmt::format("a model cannot be stored as '{}'", to.canonical),
                    "model");
    model->name = to.canonical;
    model->added = now;
    const auto path = manifest_path(to);
    if (auto written = write_atomically(path, encode_manifest(*model)); !written)
        return fail(written.error());
    return load_manifest(path);
}

Result<std::string> Store::scratch(std::string_view name) const {
    if (auto made = make_private_folders(upload_dir()); !made) return fail(made.error());
    return fmt::format("{}/{}", upload_dir(), name);
}

std::optional<Store::Blob> Store::blob(std::string_view sha256) const {
    if (!is_sha256(sha256)) return std::nullopt;
    Blob blob{fmt::format("{}/blobs/sha256-{}", options_.root, sha256), false};
    if (file_size(blob.path)) return blob;
    blob = {fmt::format("{}/sha256-{}", upload_dir(), sha256), true};
    if (file_size(blob.path)) return blob;
    return std::nullopt;
}

}  // namespace hearth::models

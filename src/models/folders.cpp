#include "models/folders.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>

#include "text/utf8.h"

namespace hearth::models {
namespace {

namespace fs = std::filesystem;

std::string shown(const fs::path& path) {
    return text::printable(path.string(), 512);
}

std::string lower(std::string text) {
    for (auto& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

class Scanner {
  public:
    Scanner(const fs::path& store_root, std::size_t most_entries) : most_entries_(most_entries) {
        std::error_code error;
        store_root_ = fs::canonical(store_root, error);  // empty when there is no store yet
    }

    void add(const fs::path& folder) {
        std::error_code error;
        const auto status = fs::status(folder, error);
        if (!fs::exists(status)) {
            const bool missing = status.type() == fs::file_type::not_found;
            warn(folder, missing ? "does not exist" : "cannot be read: " + error.message());
        } else if (!fs::is_directory(status)) {
            warn(folder, "is not a folder");
        } else if (const auto why = search(folder, kFolderDepth); why) {
            warn(folder, "cannot be read: " + why.message());
        }
    }

    FolderScan finish() {
        if (left_out_) {
            scan_.warnings.push_back(fmt::format(
                "[engine] models_dirs: the folders hold more than {} entries; the rest is left out",
                most_entries_));
        }
        for (const auto& warning : scan_.warnings) mix(warning);
        return std::move(scan_);
    }

  private:
    void warn(const fs::path& folder, std::string_view what) {
        scan_.warnings.push_back(fmt::format("[engine] models_dirs: {} {}", shown(folder), what));
    }

    // FNV-1a: only to notice changes.
    void mix(std::string_view bytes) {
        for (const char c : bytes) {
            scan_.stamp = (scan_.stamp ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
        }
    }

    void note(const fs::path& file) {
        struct stat info{};
        // What is no regular file may block the reader (a FIFO) or never end (a device).
        if (::stat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return;
        mix(fmt::format("{}\n{} {}.{}\n", file.string(), info.st_size, info.st_mtim.tv_sec,
                        info.st_mtim.tv_nsec));
        scan_.files.push_back(file);
    }

    std::error_code search(const fs::path& folder, int depth) {
        std::error_code error;
        if (!store_root_.empty() && fs::canonical(folder, error) == store_root_) return {};
        std::vector<fs::path> files, folders;
        fs::directory_iterator at(folder, error);
        if (error) return error;
        for (const fs::directory_iterator end; !error && at != end; at.increment(error)) {
            if (++entries_ > most_entries_) {
                left_out_ = true;
                break;
            }
            std::error_code ignored;
            if (at->path().filename().native().starts_with('.'))
                continue;  // unfinished downloads, .git, .cache
            if (fs::is_directory(at->symlink_status(ignored))) {
                folders.push_back(at->path());
            } else if (at->path().extension() == ".gguf") {
                files.push_back(at->path());
            }
        }
        // Sorted, so that the same files give the same names and the same stamp.
        std::ranges::sort(files);
        for (const auto& file : files) note(file);
        std::ranges::sort(folders);
        for (const auto& next : folders) {
            if (depth == 0 || left_out_) break;
            // One folder that cannot be read (lost+found) does not make the others a problem.
            [[maybe_unused]] const auto unreadable = search(next, depth - 1);
        }
        return {};
    }

    FolderScan scan_;
    fs::path store_root_;
    const std::size_t most_entries_;
    std::size_t entries_ = 0;
    bool left_out_ = false;
};

bool is_whole_model(const Model& model) {
    return model.facts.type.empty() || model.facts.type == "model";
}

}  // namespace

FolderScan scan_folders(const std::vector<fs::path>& folders, const fs::path& store_root,
                        std::size_t most_entries) {
    Scanner scanner(store_root, most_entries);
    for (const auto& folder : folders) scanner.add(folder);
    return scanner.finish();
}

Result<Name> name_of_file(const fs::path& file) {
    const auto file_name = file.filename().string();
    const auto split = parse_split_name(file_name);
    auto stem = split.count > 0 ? std::string(split.stem) : file.stem().string();
    std::ranges::replace_if(
        stem, [](unsigned char c) { return !std::isalnum(c) && c != '.' && c != '_' && c != '-'; }, '-');
    auto name = parse_name(stem.ends_with(".gguf") ? stem + "_" : stem);
    if (name && name->canonical == kBuiltinName) return parse_name("spark:imported");
    return name;
}

void list_folders(FactsCache& cache, const std::vector<fs::path>& folders, const fs::path& store_root,
                  Store::Listing& listing) {
    auto scan = scan_folders(folders, store_root);
    std::ranges::move(scan.warnings, std::back_inserter(listing.warnings));
    std::map<std::string, std::string> taken;  // name -> where its model is
    for (const auto& model : listing.models) taken.emplace(lower(model.name), model.source);
    std::size_t count = 0;
    for (const auto& file : scan.files) {
        const auto file_name = file.filename().string();
        if (parse_split_name(file_name).number > 1 || file_name.contains("mmproj")) continue;
        const auto left_out = [&](std::string_view why) {
            listing.warnings.push_back(fmt::format("{} is left out: {}", shown(file), why));
        };
        if (count == kFolderModels) {
            left_out(fmt::format("[engine] models_dirs holds more than {} models", kFolderModels));
            return;
        }
        const auto name = name_of_file(file);
        if (!name) {
            left_out(name.error()->message);
            continue;
        }
        if (const auto other = taken.find(lower(name->canonical)); other != taken.end()) {
            if (other->second != file.string()) {
                left_out(
                    fmt::format("{} is already the name of the model from {}; give the file another name",
                                name->canonical, other->second));
            }
            continue;
        }
        auto model = model_of_files(cache, file.string(), name->canonical, std::string(kFolderOrigin));
        if (!model) {
            // Without the numbers of the reader's own sentence, which change while a file is still being copied.
            left_out("it is no whole GGUF file, or is not complete yet");
        } else if (is_whole_model(*model)) {
            taken.emplace(lower(name->canonical), file.string());
            listing.models.push_back(std::move(*model));
            ++count;
        }
    }
}

}  // namespace hearth::models

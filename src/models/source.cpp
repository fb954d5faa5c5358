// Parsing of a pull's argument, and the choice of a repository's files.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "models/hub.h"
#include "models/pull.h"

namespace hearth::models {
namespace {

constexpr std::array<std::string_view, 5> kHubHosts{"https://huggingface.co/", "http://huggingface.co/",
                                                    "huggingface.co/", "https://hf.co/", "hf.co/"};

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

// Companion files of a model: projectors, importance matrices, draft models (llama.cpp common/download.cpp).
bool is_model_file(std::string_view path) {
    const auto name = lower(base_name(path));
    if (!name.ends_with(".gguf") || name.find("mmproj") != std::string::npos ||
        name.find("imatrix") != std::string::npos) {
        return false;
    }
    constexpr std::array<std::string_view, 4> kDrafts{"mtp-", "eagle3-", "dflash-", "dspark-"};
    return std::ranges::none_of(kDrafts, [&](auto prefix) { return name.starts_with(prefix); });
}

// "Q4_K_M" in "x-q4_k_m.gguf", "x.Q4_K_M-00001-of-00002.gguf" or "Q4_K_M/x.gguf": whole, and case ignored.
bool has_quant(std::string_view path, std::string_view quant) {
    const auto text = lower(path), wanted = lower(quant);
    for (std::size_t at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) {
        const bool begins = at == 0 || !std::isalnum(static_cast<unsigned char>(text[at - 1]));
        const auto after = at + wanted.size();
        const bool ends =
            after == text.size() || text[after] == '.' || text[after] == '-' || text[after] == '/';
        if (begins && ends) return true;
    }
    return false;
}

Result<Source> hub_source(std::string_view text, std::string_view given) {
    while (text.ends_with('/')) text.remove_suffix(1);
    auto name = parse_name(fmt::format("hf:{}", text));
    if (!name) {
        return fail(Code::invalid_request,
                    fmt::format("'{}' is not a repository: use hf:ORG/REPO or hf:ORG/REPO:QUANT",
                                given.substr(0, 200)));
    }
    return Source{Source::Kind::hub, name->base, name->tag};
}

}  // namespace

std::string quant_of(std::string_view path) {
    auto stem = base_name(path);
    if (stem.ends_with(".gguf")) stem.remove_suffix(5);
    if (const auto split = parse_split_name(base_name(path)); split.count > 0) stem = split.stem;
    auto last = std::string(stem.substr(stem.find_last_of("-.") + 1));
    for (auto& c : last) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const auto digit_after = [&last](std::size_t at) {
        return last.size() > at && std::isdigit(static_cast<unsigned char>(last[at]));
    };
    const bool known = (last.starts_with("Q") && digit_after(1)) ||
                       (last.starts_with("IQ") && digit_after(2)) ||
                       (last.starts_with("TQ") && digit_after(2)) || last.starts_with("MXFP4") ||
                       last.starts_with("NVFP4") || last == "F16" || last == "BF16" || last == "F32";
    return known ? last : std::string();
}

Result<Source> parse_source(std::string_view text) {
    if (text.empty() || text.size() > text::kUrlBytes || text.find('\0') != std::string_view::npos) {
        return fail(Code::invalid_request,
                    "a pull needs a .gguf file, an http(s) URL, or hf:ORG/REPO[:QUANT]");
    }
    if (text.starts_with("hf:")) return hub_source(text.substr(3), text);
    for (const auto host : kHubHosts) {
        // A page of the hub is a repository; a file of it is a URL like any other.
        if (!text.starts_with(host)) continue;
        const auto rest = text.substr(host.size());
        if (rest.find("/resolve/") == std::string_view::npos &&
            rest.find("/blob/") == std::string_view::npos) {
            return hub_source(rest, text);
        }
    }
    if (text.starts_with("http://") || text.starts_with("https://")) {
        auto url = text::parse_url(text);
        if (!url) return fail(url.error());
        return Source{Source::Kind::url, std::string(text), {}};
    }
    if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
        return fail(Code::invalid_request,
                    fmt::format("'{}' is not supported: only http and https are", text.substr(0, scheme)));
    }
    return Source{Source::Kind::file, std::string(text), {}};
}

Result<std::vector<HubFile>> choose_hub_files(const std::vector<HubFile>& tree, std::string_view quant) {
    std::vector<HubFile> first_files;  // whole models, and the first parts of split ones
    for (const auto& file : tree) {
        const auto split = parse_split_name(base_name(file.path));
        if (is_model_file(file.path) && split.number <= 1) first_files.push_back(file);
    }
    if (first_files.empty()) {
        return fail(
            Code::not_found,
            "the repository has no GGUF files; such repositories usually have a name that ends in -GGUF");
    }
    const HubFile* chosen = nullptr;
    const auto look_for = [&](std::string_view wanted) {
        for (const auto& file : first_files) {
            if (chosen == nullptr && has_quant(file.path, wanted)) chosen = &file;
        }
    };
    if (!quant.empty())
        look_for(quant);
    else {
        look_for("Q4_K_M");
        look_for("Q8_0");
        if (chosen == nullptr) chosen = &first_files.front();
    }
    if (chosen == nullptr) {
        std::set<std::pair<std::size_t, std::string>> there;  // nearest first
        for (const auto& file : first_files) {
            auto name = quant_of(file.path);
            if (name.empty()) name = base_name(file.path);
            const auto distance = edit_distance(name, quant, 16);
            there.emplace(distance, std::move(name));
        }
        std::vector<std::string_view> names;
        for (const auto& [distance, name] : there) names.push_back(name);
        return fail(Code::not_found,
                    fmt::format("there is no {}; available are {}", quant, fmt::join(names, ", ")));
    }
    const auto split = parse_split_name(base_name(chosen->path));
    if (split.count == 0) return std::vector{*chosen};
    std::vector<HubFile> parts;
    const auto folder =
        std::string_view(chosen->path).substr(0, chosen->path.size() - base_name(chosen->path).size());
    for (std::uint32_t i = 1; i <= split.count; ++i) {
        const auto path = fmt::format("{}{}-{:05}-of-{:05}.gguf", folder, split.stem, i, split.count);
        const auto found = std::ranges::find(tree, path, &HubFile::path);
        if (found == tree.end())
            return fail(Code::not_found,
                        fmt::format("the repository does not have {}, a part of the model", path));
        parts.push_back(*found);
    }
    return parts;
}

}  // namespace hearth::models

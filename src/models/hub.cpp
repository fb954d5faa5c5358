#include "models/hub.h"

#include <fmt/format.h>

#include <algorithm>

#include "text/json.h"

namespace hearth::models {
namespace {

Failed malformed(std::string_view what) {
    return fail(Code::upstream_failed, fmt::format("the hub's {} cannot be parsed; check its address", what));
}

bool is_commit(std::string_view text) {
    return !text.empty() && text.size() <= 64 &&
           std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c); });
}

Result<text::Url> under(const text::Url& hub, std::string_view path) {
    auto base = hub.target;
    while (base.ends_with('/')) base.pop_back();
    return text::parse_url(fmt::format("{}://{}{}{}", hub.scheme, hub.authority(), base, path));
}

}  // namespace

Result<std::string> parse_refs(std::string_view text) {
    json::Document document;
    const auto root = document.parse(text);
    if (!root) return malformed("list of branches");
    for (const auto branch : (*root)["branches"].elements()) {
        const auto commit = branch["targetCommit"].as_string();
        if (branch["name"].as_string() == "main" && is_commit(commit)) return std::string(commit);
    }
    return std::string("main");
}

Result<void> parse_tree(std::string_view text, std::vector<HubFile>& into) {
    json::Document document;
    const auto root = document.parse(text);
    if (!root || !root->is_array()) return malformed("list of files");
    for (const auto entry : root->elements()) {
        if (entry["type"].as_string() != "file") continue;
        HubFile file;
        file.path = entry["path"].as_string();
        const auto lfs = entry["lfs"];
        file.bytes = (lfs["size"] ? lfs["size"] : entry["size"]).as_uint().value_or(0);
        file.sha256 = lfs["oid"].as_string();
        if (file.sha256.size() != 64 || !is_commit(file.sha256)) file.sha256.clear();
        const bool odd =
            file.path.empty() || file.path.size() > 1024 || file.path.ends_with('/') ||
            std::ranges::any_of(file.path, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
        if (odd) continue;
        if (into.size() >= kTreeFiles) return malformed("list of files (there are too many)");
        into.push_back(std::move(file));
    }
    return {};
}

Task<Result<Repository>> list_repository(Fetcher& fetcher, std::string name, StopToken stop) {
    Repository repository;
    repository.name = name;
    auto refs_url = under(fetcher.home(), fmt::format("/api/models/{}/refs", name));
    if (!refs_url) co_return fail(refs_url.error());
    auto refs = co_await fetcher.get_text(std::move(*refs_url), nullptr, stop);
    if (!refs) co_return fail(refs.error());
    auto commit = parse_refs(*refs);
    if (!commit) co_return fail(commit.error());
    repository.commit = std::move(*commit);
    auto page =
        under(fetcher.home(), fmt::format("/api/models/{}/tree/{}?recursive=true", name, repository.commit));
    for (int i = 0; i < kTreePages; ++i) {
        if (!page) co_return fail(page.error());
        std::string next;
        const auto here = *page;
        auto listing = co_await fetcher.get_text(here, &next, stop);
        if (!listing) co_return fail(listing.error());
        if (auto parsed = parse_tree(*listing, repository.files); !parsed) co_return fail(parsed.error());
        if (next.empty()) co_return repository;
        page = redirected(here, next);
    }
    co_return fail(Code::upstream_failed,
                   fmt::format("{} lists more than {} pages of files", name, kTreePages));
}

Result<text::Url> file_url(const text::Url& hub, const Repository& repository, const HubFile& file) {
    return under(hub, fmt::format("/{}/resolve/{}/{}", repository.name, repository.commit,
                                  text::percent_encode(file.path, "/")));
}

}  // namespace hearth::models

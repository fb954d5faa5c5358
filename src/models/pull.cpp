#include "models/pull.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "client/client.h"
#include "models/discover.h"
#include "models/download.h"
#include "models/fetch.h"
#include "models/files.h"
#include "models/hub.h"
#include "models/memory.h"
#include "net/loop.h"

namespace hearth::models {
namespace {

constexpr std::string_view kDefaultHub = "https://huggingface.co";
constexpr auto kReportEvery = milliseconds(100);

// Total progress of all files, and the transfer rate.
class Meter {
  public:
    Meter(net::Loop& loop, const PullOptions& options) : loop_(loop), options_(options) {}
    void begin(Stage stage, std::string file, std::uint64_t total, std::string sha256 = {}) {
        now_ = {.stage = stage,
                .file = std::move(file),
                .sha256 = std::move(sha256),
                .done = finished_,
                .total = total,
                .bytes_per_second = speed_};
        tell();
    }
    void at(Stage stage, std::uint64_t done_of_file) {
        const bool other = stage != now_.stage;
        now_.stage = stage;
        now_.done = finished_ + done_of_file;
        const auto now = loop_.clock().mono();
        const auto passed = now - last_;
        if (passed < kReportEvery && !other) return;
        if (stage == Stage::download && now_.done >= last_done_ && last_ != Mono{} && !other) {
            const double rate =
                static_cast<double>(now_.done - last_done_) / std::chrono::duration<double>(passed).count();
            speed_ = speed_ == 0 ? rate : 0.8 * speed_ + 0.2 * rate;
        }
        now_.bytes_per_second = stage == Stage::download ? speed_ : 0;
        last_ = now;
        last_done_ = now_.done;
        tell();
    }
    void finish_file(std::uint64_t bytes) {
        finished_ += bytes;
        now_.done = finished_;
        now_.total = std::max(now_.total, finished_);
        tell();
    }

  private:
    void tell() const {
        if (options_.on_progress) options_.on_progress(now_);
    }
    net::Loop& loop_;
    const PullOptions& options_;
    Progress now_;
    Mono last_{};
    std::uint64_t finished_ = 0, last_done_ = 0;
    double speed_ = 0;
};

struct Pull {
    net::Loop& loop;
    client::Sender& client;
    Store& store;
    PullOptions options;
    StopToken stop;
    Meter meter{loop, options};

    std::string setting(std::string_view name) const {
        return options.environment ? options.environment(name) : process_environment(name);
    }
    Result<Fetcher> fetcher() const;
    Task<Result<Model>> from_file(std::string path);
    Task<Result<Model>> from_url(std::string text);
    Task<Result<Model>> from_hub(Source source);
    Task<Result<Model>> fetch(Fetcher& fetcher, Name name, std::string source, std::vector<Wanted> files);
    Result<void> check_room(const std::vector<Wanted>& files, std::uint64_t total) const;
};

Result<Fetcher> Pull::fetcher() const {
    auto address = options.endpoint;
    for (const auto* name : {"MODEL_ENDPOINT", "HF_ENDPOINT"}) {
        if (address.empty()) address = setting(name);
    }
    if (address.empty()) address = kDefaultHub;
    auto hub = text::parse_url(address);
    if (!hub)
        return fail(Code::config,
                    fmt::format("the hub's address (HF_ENDPOINT) is not a URL: {}", hub.error()->message));
    return Fetcher(client, options, std::move(*hub),
                   options.token.empty() ? setting("HF_TOKEN") : options.token);
}

Result<void> Pull::check_room(const std::vector<Wanted>& files, std::uint64_t total) const {
    if (options.max_bytes > 0 && total > options.max_bytes) {
        auto error = fail(Code::too_large, fmt::format("the model has {}, more than the limit of {}",
                                                       human_bytes(total), human_bytes(options.max_bytes)));
        error.error()->needed = static_cast<std::int64_t>(total);
        error.error()->limit = static_cast<std::int64_t>(options.max_bytes);
        return error;
    }
    auto missing = total;
    for (const auto& file : files)
        missing -= std::min(missing, Download::bytes_there(store.partial_dir(), file));
    return check_disk(store.root(), missing, options);
}

Task<Result<Model>> Pull::fetch(Fetcher& fetcher, Name name, std::string source, std::vector<Wanted> files) {
    std::uint64_t total = 0;
    for (const auto& file : files) total += file.bytes;
    if (auto room = check_room(files, total); !room) co_return fail(room.error());
    std::vector<ModelFile> fetched;
    Download download(loop, fetcher, options, store.partial_dir(),
                      [this](Stage stage, std::uint64_t done) { meter.at(stage, done); });
    for (auto& file : files) {
        meter.begin(Stage::download, file.name, total, file.sha256);
        const auto blob = fmt::format("{}/blobs/sha256-{}", store.root(), file.sha256);
        if (!file.sha256.empty() && file_size(blob).value_or(0) == file.bytes && file.bytes > 0) {
            fetched.push_back(
                {blob, file.name, file.sha256, file.bytes});  // already stored under another name
        } else {
            auto done = co_await download.run(std::move(file), stop);
            if (!done) co_return fail(done.error());
            fetched.push_back(std::move(*done));
        }
        meter.finish_file(fetched.back().bytes);
    }
    meter.begin(Stage::store, name.canonical, total);
    const auto paths = fetched;
    auto model = co_await loop.run_blocking(
        [&] { return store.add(name, std::move(source), std::move(fetched), true, loop.clock().wall()); });
    if (!model && model.error()->code == Code::corrupt) {
        // Complete, but not a model: resuming would be useless.
        for (const auto& file : paths) std::filesystem::remove(file.path);
    }
    co_return model;
}

Task<Result<Model>> Pull::from_file(std::string path) {
    meter.begin(Stage::store, std::filesystem::path(path).filename().string(), 0);
    co_return co_await loop.run_blocking(
        [&] { return store.import_file(path, options.name, loop.clock().wall()); });
}

Task<Result<Model>> Pull::from_url(std::string text) {
    auto fetch_from = fetcher();
    if (!fetch_from) co_return fail(fetch_from.error());
    auto url = text::parse_url(text);
    if (!url) co_return fail(url.error());
    const auto path = url->target.substr(0, url->target.find('?'));
    const auto folder = path.substr(0, path.rfind('/') + 1);
    const auto query = url->target.substr(path.size());
    const auto file = text::percent_decode(path.substr(folder.size())).value_or("");
    const auto split = parse_split_name(file);
    auto stem = split.count > 0 ? std::string(split.stem) : file.substr(0, file.rfind(".gguf"));
    std::ranges::replace_if(
        stem, [](unsigned char c) { return !std::isalnum(c) && c != '.' && c != '_' && c != '-'; }, '-');
    auto name =
        options.name ? Result<Name>(*options.name) : parse_name(stem.ends_with(".gguf") ? stem + "_" : stem);
    if (!name || name->canonical == kBuiltinName) {
        co_return fail(Code::invalid_request,
                       "the URL does not end in a usable file name; choose a name for the model (--name)");
    }
    std::vector<Wanted> files;
    for (std::uint32_t i = 1; i <= std::max(split.count, 1U); ++i) {
        const auto part =
            split.count > 0 ? fmt::format("{}-{:05}-of-{:05}.gguf", split.stem, i, split.count) : file;
        auto target = *url;
        target.target = folder + text::percent_encode(part) + query;
        files.push_back({.url = std::move(target),
                         .name = part.ends_with(".gguf") ? part : part + ".gguf",
                         .sha256 = {}});
    }
    if (std::ranges::any_of(
            files, [](const Wanted& w) { return w.name.find_first_of("/\0") != std::string::npos; })) {
        co_return fail(Code::invalid_request, "the URL's file name contains a '/'");
    }
    co_return co_await fetch(*fetch_from, std::move(*name), std::move(text), std::move(files));
}

Task<Result<Model>> Pull::from_hub(Source source) {
    auto fetch_from = fetcher();
    if (!fetch_from) co_return fail(fetch_from.error());
    meter.begin(Stage::resolve, source.text, 0);
    auto repository = co_await list_repository(*fetch_from, source.text, stop);
    if (!repository) {
        if (repository.error()->code == Code::not_found) {
            repository.error()->message =
                fmt::format("there is no repository {} ({})", source.text, repository.error()->message);
        }
        co_return fail(repository.error());
    }
    auto chosen = choose_hub_files(repository->files, source.quant);
    if (!chosen) {
        chosen.error()->message = fmt::format("{}: {}", source.text, chosen.error()->message);
        co_return fail(chosen.error());
    }
    std::vector<Wanted> files;
    for (const auto& file : *chosen) {
        auto url = file_url(fetch_from->home(), *repository, file);
        if (!url) co_return fail(url.error());
        files.push_back({.url = std::move(*url),
                         .name = std::filesystem::path(file.path).filename().string(),
                         .sha256 = file.sha256,
                         .bytes = file.bytes});
    }
    const auto quant = source.quant.empty() ? quant_of(chosen->front().path) : source.quant;
    auto name = options.name
                    ? Result<Name>(*options.name)
                    : parse_name(fmt::format("hf:{}{}{}", source.text, quant.empty() ? "" : ":", quant));
    if (!name) co_return fail(name.error());
    auto from = fmt::format("hf:{}@{}/{}", source.text, repository->commit, chosen->front().path);
    co_return co_await fetch(*fetch_from, std::move(*name), std::move(from), std::move(files));
}

}  // namespace

std::string_view stage_name(Stage stage) {
    switch (stage) {
        case Stage::resolve:
            return "resolve";
        case Stage::download:
            return "download";
        case Stage::verify:
            return "verify";
        case Stage::store:
            return "store";
    }
    return "unknown";
}

Task<Result<Model>> pull(net::Loop& loop, client::Sender& client, Store& store, std::string source,
                         PullOptions options, StopToken stop) {
    auto parsed = parse_source(source);
    if (!parsed) co_return fail(parsed.error());
    Pull pull{.loop = loop,
              .client = client,
              .store = store,
              .options = std::move(options),
              .stop = std::move(stop)};
    switch (parsed->kind) {
        case Source::Kind::file:
            co_return co_await pull.from_file(std::move(parsed->text));
        case Source::Kind::url:
            co_return co_await pull.from_url(std::move(parsed->text));
        case Source::Kind::hub:
            co_return co_await pull.from_hub(std::move(*parsed));
    }
    co_return fail(Code::internal, "invalid kind of source");
}

}  // namespace hearth::models

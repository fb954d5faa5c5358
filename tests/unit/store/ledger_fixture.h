#pragma once
// A store in a folder of its own and a loop to await it on.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "net/loop.h"
#include "store/sqlite/store.h"

namespace hearth::test {

namespace sq = hearth::store::sqlite;

// A file system in memory where there is one, for what must not depend on how busy the disk is.
inline std::filesystem::path in_memory() {
    return std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path();
}

class Folder {
  public:
    explicit Folder(const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
        auto name = (parent / "hearth-store-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::filesystem::path ledger() const { return path_ / "ledger.db"; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

template <class T>
T await(net::Loop& loop, Task<T> task) {
    std::optional<T> result;
    spawn([](Task<T> inner, std::optional<T>& out, net::Loop& on) -> Task<void> {
        out.emplace(co_await std::move(inner));
        on.stop();
    }(std::move(task), result, loop));
    loop.run();
    return std::move(*result);
}

inline ledger::Intent intent_to(Place place, std::string request_id = "req_1") {
    return {.request_id = std::move(request_id),
            .time = Wall(milliseconds(1'795'359'628'123)),
            .client = "curl",
            .project = "default",
            .dialect = "openai",
            .kind = "chat",
            .requested_model = "auto",
            .to = {.provider = place == Place::cloud ? "openai" : "engine",
                   .model = place == Place::cloud ? "gpt-5.5" : "spark",
                   .place = place,
                   .reason = "asked for"}};
}

inline std::unique_ptr<sq::Store> open_store(const sq::Options& options) {
    auto store = sq::Store::open(options);
    INFO((store ? std::string{} : store.error()->message));
    REQUIRE(store);
    return std::move(*store);
}

// A store, a loop and the loop's ledger, in the right order of life.
struct Opened {
    explicit Opened(std::unique_ptr<store::Store> opened)
        : store(std::move(opened)), ledger(store->ledger_for(loop)) {}
    explicit Opened(const sq::Options& options) : Opened(open_store(options)) {}
    explicit Opened(const std::filesystem::path& path) : Opened(sq::Options{.path = path}) {}

    net::Loop loop;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<ledger::Ledger> ledger;

    Result<ledger::Begun> begin(const ledger::Intent& intent) { return await(loop, ledger->begin(intent)); }
    Result<ledger::Kept> reroute(ledger::EntryId id, const ledger::Attempt& failed,
                                 const ledger::Route& next) {
        return await(loop, ledger->reroute(id, failed, next));
    }
    Result<ledger::Begun> record(const ledger::Intent& intent, const ledger::Settlement& s) {
        return await(loop, ledger->record(intent, s));
    }
    Result<ledger::Kept> settle(const ledger::Settlement& s) { return await(loop, ledger->settle(s)); }
    std::vector<ledger::Entry> recent(const ledger::Query& query = {}) {
        auto entries = await(loop, ledger->recent(query));
        REQUIRE(entries);
        return std::move(*entries);
    }
};

inline std::string slurp(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace hearth::test

// Files that are kept here: who may see them, for how long, how many bytes, and what a crash leaves behind.
#include "resources/files/store.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace file_store_test {

using namespace hearth;
using namespace hearth::resources;
namespace fs = std::filesystem;

namespace {

struct Folder {
    fs::path path;
    Folder() : path(fs::temp_directory_path() / make_id("hearth-files-", system_random())) {}
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    [[nodiscard]] FileStore open(std::uint64_t max = 1000) const {
        return FileStore({.path = path, .keep = seconds(100), .max_bytes = max});
    }
    [[nodiscard]] std::size_t count() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(path), fs::directory_iterator()));
    }
};

constexpr Wall kNow{milliseconds(1'700'000'000'000)};

StoredFile about(std::string project, std::string purpose = "batch") {
    StoredFile file;
    file.project = std::move(project);
    file.filename = "../../etc/passwd";
    file.purpose = std::move(purpose);
    return file;
}

unsigned mode_of(const fs::path& path) {
    struct stat info{};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    return info.st_mode & 0777;
}

}  // namespace

TEST_CASE("files: kept privately under an id of our own, read back after a restart") {
    const Folder folder;
    std::string id;
    {
        auto store = folder.open();
        const auto kept = store.add(about("a"), "hello\0world", std::nullopt, kNow);
        REQUIRE(kept);
        id = kept->id;
        CHECK(id.starts_with("file-"));
        CHECK(is_file_id(id));
        CHECK(kept->expires_s == kept->created_s + 100);
    }
    CHECK(mode_of(folder.path) == 0700);
    CHECK(folder.count() == 2);
    for (const auto& entry : fs::directory_iterator(folder.path)) CHECK(mode_of(entry.path()) == 0600);
    auto store = folder.open();
    const auto found = store.find(id, "a", kNow);
    REQUIRE(found);
    CHECK(found->filename == "../../etc/passwd");
    CHECK(store.read(*found, 0, 3).value() == "hel");
    CHECK(store.read(*found, 3, 100).value() == "lo");
    CHECK(store.read(*found, 5, 100).value().empty());
    CHECK(store.room() == 995);
    CHECK(to_json(*found).find("\"project\"") == std::string::npos);
}

TEST_CASE("files: another project sees none of it, and what has expired is gone") {
    const Folder folder;
    auto store = folder.open();
    const auto file = store.add(about("a"), "x", std::nullopt, kNow);
    const auto brief = store.add(about("a"), "y", seconds(10), kNow);
    REQUIRE(file);
    REQUIRE(brief);
    for (const auto* id : {"", "..", "../keys", "file-nobody"}) CHECK_FALSE(store.find(id, "a", kNow));
    const auto other = store.find(file->id, "b", kNow);
    REQUIRE(!other);
    CHECK(other.error()->code == Code::not_found);
    CHECK_FALSE(store.remove(file->id, "b", kNow));
    CHECK(store.list("b", kNow).empty());
    CHECK(store.list("a", kNow).size() == 2);
    CHECK(store.list("a", kNow + seconds(10)).size() == 1);
    CHECK_FALSE(store.find(brief->id, "a", kNow + seconds(10)));
    store.remove_expired(kNow + seconds(10));
    CHECK(folder.count() == 2);
    CHECK(store.remove(file->id, "a", kNow));
    CHECK(folder.count() == 0);
    CHECK(store.room() == 1000);
}

TEST_CASE("files: a full store refuses and says what to do, but takes a batch's results") {
    const Folder folder;
    auto store = folder.open(10);
    REQUIRE(store.add(about("a"), "12345678", std::nullopt, kNow));
    const auto over = store.add(about("a"), "123", std::nullopt, kNow);
    REQUIRE(!over);
    CHECK(over.error()->code == Code::too_large);
    CHECK(over.error()->message.find("max_mb") != std::string::npos);
    CHECK(store.add(about("a"), "12", std::nullopt, kNow));
    const auto beside = folder.path / "results";
    std::ofstream(beside) << "12345";
    auto results = about("a", "batch_output");
    results.id = "file-results";
    const auto adopted = store.adopt(results, beside, std::nullopt, kNow);
    REQUIRE(adopted);
    CHECK(adopted->bytes == 5);
    fs::remove(beside);
    CHECK(store.adopt(results, beside, std::nullopt, kNow));  // again, after a crash: as good as once
    CHECK(store.read(*adopted, 0, 10).value() == "12345");
    CHECK(store.room() == 0);
    store.remove_expired(kNow + seconds(100));
    CHECK(store.room() == 10);
}

TEST_CASE("files: what a crash left half done goes at the next start") {
    const Folder folder;
    std::string id;
    {
        auto store = folder.open();
        id = store.add(about("a"), "x", std::nullopt, kNow).value().id;
    }
    std::ofstream(folder.path / "file-bytesonly") << "x";
    std::ofstream(folder.path / "file-factsonly.json") << R"({"id":"file-factsonly","project":"a"})";
    std::ofstream(folder.path / "file-torn.json") << R"({"id":"file-to)";
    std::ofstream(folder.path / "file-half.aB3dE6") << "x";
    std::ofstream(folder.path / "somebody elses.txt") << "x";
    auto store = folder.open();
    CHECK(store.list("a", kNow).size() == 1);
    CHECK(fs::exists(folder.path / id));
    CHECK(fs::exists(folder.path / "somebody elses.txt"));
    CHECK(folder.count() == 3);
}

}  // namespace file_store_test

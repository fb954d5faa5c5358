#include "config/keys.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

namespace keys_test {

using namespace hearth;
using config::KeyStore;

namespace {

class Folder {
  public:
    Folder() : path_(std::filesystem::temp_directory_path() / ("hearth_keys_" + std::to_string(getpid()))) {
        std::filesystem::create_directories(path_);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    std::filesystem::path keys() const { return path_ / "keys"; }

  private:
    std::filesystem::path path_;
};

auto add(const Folder& folder, std::string name, std::string project = "") {
    return KeyStore::add(folder.keys(), std::move(name), std::move(project), system_random(),
                         system_clock().wall());
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a key that was made is known, any other is not") {
    const Folder folder;
    CHECK(KeyStore::load(folder.keys())->empty());
    const auto made = add(folder, "laptop", "blog");
    REQUIRE(made.has_value());
    const std::string key(made->second.reveal());
    CHECK(key.size() == 46);
    CHECK(key.starts_with("hk_"));
    const auto store = KeyStore::load(folder.keys());
    REQUIRE(store.has_value());
    const auto info = store->check(key);
    REQUIRE(info != nullptr);
    CHECK(info->name == "laptop");
    CHECK(info->project == "blog");
    CHECK(info->id == made->first.id);
    for (std::size_t i = 0; i < key.size(); ++i) {
        auto wrong = key;
        wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
        CHECK(store->check(wrong) == nullptr);
        CHECK(store->check(std::string_view(key).substr(0, i)) == nullptr);
    }
}

TEST_CASE("the file holds no key and is its owner's alone") {
    const Folder folder;
    const auto made = add(folder, "laptop");
    REQUIRE(made.has_value());
    const auto text = text_of(folder.keys());
    CHECK(text.find(made->second.reveal().substr(3)) == std::string::npos);
    CHECK(text.find("laptop") != std::string::npos);
    struct stat info{};
    REQUIRE(::stat(folder.keys().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    REQUIRE(::chmod(folder.keys().c_str(), 0644) == 0);
    const auto open = KeyStore::load(folder.keys());
    REQUIRE_FALSE(open.has_value());
    CHECK(open.error()->message.find("chmod 600") != std::string::npos);
}

TEST_CASE("keys are removed by id or name; names are unique") {
    const Folder folder;
    const auto first = add(folder, "a"), second = add(folder, "b");
    REQUIRE((first.has_value() && second.has_value()));
    CHECK(add(folder, "a").error()->code == Code::conflict);
    CHECK(add(folder, "x\ty").error()->code == Code::invalid_request);
    CHECK(KeyStore::remove(folder.keys(), "none").error()->code == Code::not_found);
    CHECK(KeyStore::remove(folder.keys(), first->first.id)->name == "a");
    CHECK(KeyStore::remove(folder.keys(), "b")->id == second->first.id);
    CHECK(KeyStore::load(folder.keys())->empty());
}

TEST_CASE("a change of the file is seen") {
    const Folder folder;
    auto store = KeyStore::load(folder.keys());
    CHECK_FALSE(store->changed());
    const auto made = add(folder, "a");
    CHECK(store->changed());
    store = KeyStore::load(folder.keys());
    CHECK_FALSE(store->changed());
    CHECK(store->check(made->second.reveal()) != nullptr);
    std::filesystem::remove(folder.keys());
    CHECK(store->changed());
}

TEST_CASE("a damaged file is named with its line, and nothing is overwritten") {
    const Folder folder;
    REQUIRE(add(folder, "a").has_value());
    const auto whole = text_of(folder.keys());
    const auto put = [&](const std::string& text) { std::ofstream(folder.keys(), std::ios::trunc) << text; };
    for (std::size_t cut = 1; cut + 2 < whole.size(); ++cut) {
        put(whole.substr(0, cut));
        const auto loaded = KeyStore::load(folder.keys());
        if (loaded) {
            CHECK(cut > whole.find("default"));  // cut inside the name: a shorter name is still a line
        } else {
            CHECK(loaded.error()->code == Code::corrupt);
            CHECK(loaded.error()->message.find("keys:1:") != std::string::npos);
        }
    }
    put("nonsense\n");
    CHECK(add(folder, "b").error()->code == Code::corrupt);
    CHECK(text_of(folder.keys()) == "nonsense\n");
}

TEST_CASE("keys added at the same time are all there") {
    const Folder folder;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] { CHECK(add(folder, "k" + std::to_string(t)).has_value()); });
    }
    for (auto& thread : threads) thread.join();
    CHECK(KeyStore::load(folder.keys())->list().size() == 8);
}

}  // namespace keys_test

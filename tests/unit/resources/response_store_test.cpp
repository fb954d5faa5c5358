// The contract of stores of answers, which every one of them keeps; and what each adds to it.
#include "resources/responses/store.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>

namespace response_store_test {

using namespace hearth;
using namespace hearth::resources;
namespace fs = std::filesystem;

namespace {

// A store on a loop of its own, with a folder for those that need one. The clock starts at the real time, since files
// bear it.
struct Bench {
    using Make = std::function<std::unique_ptr<ResponseStore>(Bench&, ResponseStoreOptions)>;
    explicit Bench(Make with, ResponseStoreOptions store_options = {.bytes = 100'000, .keep = seconds(100)})
        : make(std::move(with)), options(store_options) {
        reopen();
    }
    ~Bench() {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    void reopen() { store = make(*this, options); }
    template <class T>
    T wait(Task<T> task) {
        std::optional<T> result;
        spawn([](Task<T> inner, std::optional<T>& out, net::Loop& on) -> Task<void> {
            out.emplace(co_await std::move(inner));
            on.stop();
        }(std::move(task), result, loop));
        loop.run();
        return std::move(*result);
    }
    void wait(Task<void> task) {
        spawn([](Task<void> inner, net::Loop& on) -> Task<void> {
            co_await std::move(inner);
            on.stop();
        }(std::move(task), loop));
        loop.run();
    }
    void put(std::string id, std::string project, std::string body = R"({"id":"x"})") {
        StoredResponse response;
        response.id = std::move(id);
        response.project = std::move(project);
        response.body = std::move(body);
        response.input = {R"({"type":"message","content":"q"})", R"("caf\u00e9")"};
        response.output = {R"({"type":"message","content":"a"})"};
        wait(store->put(std::move(response)));
    }
    // The body of what is found, or the error's code.
    std::string find(std::string id, std::string project) {
        const auto found = wait(store->find(std::move(id), std::move(project)));
        return found ? found->body : std::string(code_name(found.error()->code));
    }
    void pass(nanoseconds time) { clock.advance_to(clock.mono() + time); }

    fs::path folder = fs::temp_directory_path() / make_id("hearth-responses-", system_random());
    SimulatedClock clock{system_clock().wall()};
    net::Loop loop{{.simulated = &clock}};
    Make make;
    ResponseStoreOptions options;
    std::unique_ptr<ResponseStore> store;
};

struct Kind {
    const char* name;
    Bench::Make make;
};
const Kind kKinds[] = {
    {"memory",
     [](Bench& bench, ResponseStoreOptions options) -> std::unique_ptr<ResponseStore> {
         return std::make_unique<MemoryResponses>(options, bench.loop.clock());
     }},
    {"folder",
     [](Bench& bench, ResponseStoreOptions options) -> std::unique_ptr<ResponseStore> {
         return std::make_unique<FolderResponses>(options, bench.folder, bench.loop);
     }},
};
const Bench::Make& kMemory = kKinds[0].make;
const Bench::Make& kFolder = kKinds[1].make;

unsigned mode_of(const fs::path& path) {
    struct stat info{};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    return info.st_mode & 0777;
}

}  // namespace

TEST_CASE("responses, each store: what was put is found as it was") {
    for (const auto& kind : kKinds) {
        CAPTURE(kind.name);
        Bench b(kind.make);
        b.put("resp_1", "a", R"({"id":"resp_1","n":1.50})");
        const auto found = b.wait(b.store->find("resp_1", "a"));
        REQUIRE(found);
        CHECK(found->id == "resp_1");
        CHECK(found->project == "a");
        CHECK(found->body == R"({"id":"resp_1","n":1.50})");
        CHECK(found->input.size() == 2);
        CHECK(found->conversation().size() == 3);
        CHECK(found->conversation().back() == R"({"type":"message","content":"a"})");
    }
}

TEST_CASE("responses, each store: another project's answer is not found, as if there were none") {
    for (const auto& kind : kKinds) {
        CAPTURE(kind.name);
        Bench b(kind.make);
        b.put("resp_1", "a");
        const auto others = b.wait(b.store->find("resp_1", "b"));
        const auto none = b.wait(b.store->find("resp_1", "c"));
        REQUIRE_FALSE(others);
        REQUIRE_FALSE(none);
        CHECK(others.error()->message == "Previous response with id 'resp_1' not found.");
        CHECK(others.error()->param == "previous_response_id");
        CHECK(b.find("resp_2", "a") == "not_found");
        CHECK(b.find("../resp_1", "a") == "not_found");
    }
}

TEST_CASE("responses, each store: a second one of the same id replaces the first") {
    for (const auto& kind : kKinds) {
        CAPTURE(kind.name);
        Bench b(kind.make);
        b.put("resp_1", "a", "1");
        b.put("resp_1", "a", "2");
        CHECK(b.find("resp_1", "a") == "2");
        CHECK(b.wait(b.store->remove("resp_1", "a")));
        CHECK(b.find("resp_1", "a") == "not_found");
    }
}

TEST_CASE("responses, each store: removed is gone; nobody removes another project's") {
    for (const auto& kind : kKinds) {
        CAPTURE(kind.name);
        Bench b(kind.make);
        b.put("resp_1", "a");
        const auto others = b.wait(b.store->remove("resp_1", "b"));
        REQUIRE_FALSE(others);
        CHECK(others.error()->code == Code::not_found);
        CHECK(b.find("resp_1", "a") == R"({"id":"x"})");
        CHECK(b.wait(b.store->remove("resp_1", "a")));
        CHECK(b.find("resp_1", "a") == "not_found");
        CHECK_FALSE(b.wait(b.store->remove("resp_1", "a")));
    }
}

TEST_CASE("responses, each store: what is kept for too long is not found") {
    for (const auto& kind : kKinds) {
        CAPTURE(kind.name);
        Bench b(kind.make);
        b.put("resp_1", "a");
        b.pass(seconds(95));
        CHECK(b.find("resp_1", "a") == R"({"id":"x"})");
        b.pass(seconds(6));
        CHECK(b.find("resp_1", "a") == "not_found");
        CHECK_FALSE(b.wait(b.store->remove("resp_1", "a")));
        b.wait(b.store->remove_expired());
        CHECK(b.find("resp_1", "a") == "not_found");
    }
}

TEST_CASE("responses, each store: what cannot be kept is no error") {
    for (const auto& kind : kKinds) {
        CAPTURE(kind.name);
        Bench b(kind.make, {.bytes = 10, .keep = seconds(100)});
        b.put("resp_1", "a", std::string(1000, '1'));  // larger than the memory that is allowed
        const auto found = b.find("resp_1", "a");
        CHECK((found == "not_found" || found.size() == 1000));
    }
}

TEST_CASE("responses in memory: the oldest make room, and nothing outlives the store") {
    Bench b(kMemory, {.bytes = 3000, .keep = seconds(100)});
    for (const auto* id : {"resp_1", "resp_2", "resp_3"}) b.put(id, "a", std::string(800, '1'));
    CHECK(b.find("resp_1", "a") == "not_found");
    CHECK(b.find("resp_3", "a").size() == 800);
    const auto& memory = dynamic_cast<MemoryResponses&>(*b.store);
    CHECK(memory.size() < 3);
    b.pass(seconds(101));
    b.wait(b.store->remove_expired());
    CHECK(memory.size() == 0);
    b.put("resp_4", "a");
    b.reopen();
    CHECK(b.find("resp_4", "a") == "not_found");
}

TEST_CASE("responses in a folder: found after a restart, and where memory had no room for them") {
    Bench b(kFolder, {.bytes = 3000, .keep = seconds(100)});
    for (const auto* id : {"resp_1", "resp_2", "resp_3"}) b.put(id, "a", std::string(800, '1'));
    CHECK(b.find("resp_1", "a").size() == 800);
    b.reopen();
    const auto found = b.wait(b.store->find("resp_2", "a"));
    REQUIRE(found);
    CHECK(found->input.back() == R"("caf\u00e9")");
    CHECK(found->conversation().size() == 3);
    CHECK(b.find("resp_2", "b") == "not_found");
    CHECK(b.wait(b.store->remove("resp_2", "a")));
    b.reopen();
    CHECK(b.find("resp_2", "a") == "not_found");
}

TEST_CASE("responses in a folder: private files, gone when they have expired") {
    Bench b(kFolder);
    b.put("resp_1", "a");
    CHECK(mode_of(b.folder) == 0700);
    CHECK(mode_of(b.folder / "resp_1.json") == 0600);
    b.wait(b.store->remove_expired());
    CHECK(fs::exists(b.folder / "resp_1.json"));
    b.pass(seconds(101));
    b.wait(b.store->remove_expired());
    CHECK_FALSE(fs::exists(b.folder / "resp_1.json"));
}

TEST_CASE(
    "responses in a folder: an id that is no file's name stays in memory, and nothing is written elsewhere") {
    Bench b(kFolder);
    b.put("../escaped", "a");
    CHECK(b.find("../escaped", "a") == R"({"id":"x"})");
    CHECK_FALSE(fs::exists(b.folder.parent_path() / "escaped.json"));
    b.reopen();
    CHECK(b.find("../escaped", "a") == "not_found");
}

TEST_CASE("responses in a folder: a disk that refuses leaves them in memory") {
    Bench b(kFolder);
    std::ofstream(b.folder) << "a file stands where the folder should";
    b.put("resp_1", "a");
    CHECK(b.find("resp_1", "a") == R"({"id":"x"})");
}

}  // namespace response_store_test

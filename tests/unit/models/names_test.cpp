// Copies, settings and uploads.
#include <doctest/doctest.h>

#include <filesystem>

#include "base/sha256.h"
#include "gguf_builder.h"
#include "models/manifest.h"
#include "models/store.h"
#include "models/upload.h"
#include "scratch.h"

namespace names_test {

using namespace hearth;
using namespace hearth::models;
using hearth::models::test::GgufBuilder;
using hearth::models::test::Scratch;

namespace {

constexpr Wall kNow{milliseconds(1'795'000'000'000)};

Store store_in(const Scratch& scratch) {
    return Store(
        {.root = scratch.path("home/models"), .builtin = scratch.path("none.gguf"), .discover = false});
}

std::size_t files_in(const std::string& folder) {
    std::error_code error;
    std::size_t n = 0;
    for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        ++n;
    return n;
}

Result<void> bring(Store& store, const std::string& bytes, const std::string& digest, Wall now = kNow) {
    auto upload = Upload::begin(store, digest, bytes.size(), now);
    if (!upload) return fail(upload.error());
    for (std::size_t at = 0; at < bytes.size(); at += 100) {
        if (auto kept = upload->append(std::string_view(bytes).substr(at, 100)); !kept) return kept;
    }
    return upload->finish();
}

}  // namespace

TEST_CASE("store: a copy is a second name for the same blob") {
    const Scratch scratch;
    auto store = store_in(scratch);
    const auto path = scratch.write("x.gguf", GgufBuilder::tiny().build());
    const Settings settings{"Be brief.", "{{ messages }}", R"({"temperature":0})", "MIT"};
    auto file = store.import_file(path, *parse_name("first"), kNow)->files;
    REQUIRE(store.add(*parse_name("first"), "x", file, false, kNow, settings));
    const auto copied = store.copy("first", *parse_name("second:v1"), kNow + seconds(1));
    REQUIRE(copied);
    CHECK(copied->name == "second:v1");
    CHECK(copied->added == kNow + seconds(1));
    CHECK(copied->settings == settings);
    CHECK(store.resolve("second:v1")->path() == store.resolve("first")->path());
    CHECK(store.remove("first").value() == 0);
    CHECK(store.resolve("second:v1"));
    CHECK(store.copy("second:v1", *parse_name("second:v1"), kNow)->added == kNow + seconds(1));  // no-op
    CHECK(store.copy(path, *parse_name("third"), kNow)->origin == "hearth");  // added to the store
    CHECK(store.copy("unknown", *parse_name("x"), kNow).error()->code == Code::not_found);
    CHECK(store.copy("third", *parse_name("spark"), kNow).error()->code == Code::invalid_request);
    CHECK(store.copy("third", *parse_name("/tmp/x.gguf"), kNow).error()->code == Code::invalid_request);
}

TEST_CASE("manifest: settings survive a round trip; a manifest without any has none") {
    Model model;
    model.name = "a:latest";
    model.files.push_back({.path = {}, .name = "x.gguf", .sha256 = std::string(64, 'a'), .bytes = 1});
    CHECK(encode_manifest(model).find("settings") == std::string::npos);
    CHECK(decode_manifest(encode_manifest(model))->settings == Settings{});
    model.settings = {"a \"b\"\n", "t", R"({"stop":["x"]})", "l"};
    CHECK(decode_manifest(encode_manifest(model))->settings == model.settings);
    // The largest settings that create accepts still fit into a manifest.
    model.settings = {
        .system = std::string(kSettingsBytes, '\x01'), .chat_template = {}, .parameters = {}, .license = {}};
    CHECK(encode_manifest(model).size() < kManifestBytes);
}

TEST_CASE("uploads: verified, kept until a model uses them, removed after a day") {
    const Scratch scratch;
    auto store = store_in(scratch);
    const auto bytes = GgufBuilder::tiny().build();
    const auto digest = to_hex(sha256(bytes));
    CHECK_FALSE(store.blob(digest));
    const auto wrong = bring(store, bytes + "x", digest);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error()->code == Code::corrupt);
    CHECK(wrong.error()->message.find(digest) != std::string::npos);
    CHECK(files_in(store.upload_dir()) == 0);
    for (const auto* bad : {"", "xyz", "../../etc/passwd", "ABCDEF"})
        CHECK(bring(store, bytes, bad).error()->code == Code::invalid_request);
    CHECK(Upload::begin(store, digest, UINT64_MAX, kNow).error()->code == Code::storage);

    REQUIRE(bring(store, bytes, digest));
    REQUIRE(store.blob(digest));
    CHECK(store.blob(digest)->uploaded);
    CHECK(scratch.read("home/models/uploads/sha256-" + digest) == bytes);
    const auto made = store.add(*parse_name("m"), "upload",
                                {{store.blob(digest)->path, "m.gguf", digest, bytes.size()}}, true, kNow);
    REQUIRE(made);
    CHECK_FALSE(store.blob(digest)->uploaded);
    CHECK(files_in(store.upload_dir()) == 0);
    CHECK_FALSE(store.blob("../manifests"));

    REQUIRE(bring(store, "left", to_hex(sha256("left"))));
    const auto at = scratch.path("home/models/uploads/sha256-" + to_hex(sha256("left")));
    const auto now = std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
    REQUIRE(bring(store, "other", to_hex(sha256("other")), now));
    CHECK(std::filesystem::exists(at));
    REQUIRE(bring(store, "third", to_hex(sha256("third")), now + std::chrono::hours(25)));
    CHECK_FALSE(std::filesystem::exists(at));
}

}  // namespace names_test

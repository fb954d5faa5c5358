#include "models/store.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/sha256.h"
#include "gguf_builder.h"
#include "models/files.h"
#include "models/manifest.h"
#include "scratch.h"

namespace store_test {

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

std::string tiny(std::string_view name) {
    return GgufBuilder::tiny().string("general.description", name).build();
}

unsigned mode_of(const std::string& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

}  // namespace

TEST_CASE("names: valid and invalid model names") {
    CHECK(parse_name("coder")->canonical == "coder:latest");
    CHECK(parse_name("coder:7b-q4")->canonical == "coder:7b-q4");
    CHECK(parse_name("hf:org/repo")->canonical == "hf:org/repo");
    CHECK(parse_name("hf:org/repo:Q4_K_M")->tag == "Q4_K_M");
    CHECK(parse_name("spark")->canonical == "spark");
    CHECK(parse_name("./x.gguf")->kind == Name::Kind::file);
    CHECK(parse_name("/tmp/a b.gguf")->kind == Name::Kind::file);
    for (const auto* bad : {"", "a b", ":x", "a:", "a:b:c", "a/b", ".hidden", "-x", "hf:", "hf:org",
                            "hf:org/", "hf:/repo", "hf:a/b/c", "hf:../x", "hf:org/repo:", "ä"}) {
        CAPTURE(bad);
        const auto name = parse_name(bad);
        REQUIRE_FALSE(name);
        CHECK(name.error()->code == Code::invalid_request);
    }
    CHECK_FALSE(parse_name(std::string(600, 'a')));
    CHECK_FALSE(parse_name(std::string_view("a\0b.gguf", 8)));
}

TEST_CASE("names: edit distance is symmetric and limited") {
    CHECK(edit_distance("", "", 5) == 0);
    CHECK(edit_distance("coder", "CODER", 5) == 0);
    CHECK(edit_distance("coder", "codre", 5) == 1);  // a transposition
    CHECK(edit_distance("coder", "cder", 5) == 1);
    CHECK(edit_distance("kitten", "sitting", 5) == 3);
    CHECK(edit_distance("abcdef", "uvwxyz", 2) == 3);
    CHECK(rc::check("symmetric, and bounded by the limit", [](const std::string& a, const std::string& b) {
        RC_ASSERT(edit_distance(a, b, 4) == edit_distance(b, a, 4));
        RC_ASSERT(edit_distance(a, b, 4) <= 5);
        RC_ASSERT(edit_distance(a, a, 4) == 0);
    }));
}

TEST_CASE("store: import, find, list, remove") {
    const Scratch scratch;
    auto store = store_in(scratch);
    CHECK(store.list().models.empty());
    const auto bytes = tiny("one");
    const auto path = scratch.write("My Coder (v2).gguf", bytes);
    const auto model = store.import_file(path, std::nullopt, kNow);
    REQUIRE(model);
    CHECK(model->name == "My-Coder--v2-:latest");
    CHECK(model->origin == "hearth");
    CHECK(model->source == path);
    CHECK(model->bytes == bytes.size());
    CHECK(model->added == kNow);
    CHECK(
        model->facts ==
        parse_gguf({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, bytes.size())->facts);
    CHECK(model->files.front().sha256 == to_hex(sha256(bytes)));
    CHECK(scratch.read("home/models/blobs/sha256-" + model->files.front().sha256) == bytes);
    CHECK(mode_of(scratch.path("home/models")) == 0700);
    CHECK(mode_of(scratch.path("home/models/manifests/My-Coder--v2-%3Alatest.json")) == 0600);

    REQUIRE(store.import_file(path, *parse_name("other:x"), kNow));  // same bytes, another name: one blob
    CHECK(store.list().models.size() == 2);
    CHECK(store.resolve("other:x")->path() == model->path());
    CHECK(store.resolve("OTHER:X")->name == "other:x");
    CHECK(store.resolve(path)->origin == "file");

    CHECK(store.remove("other:x").value() == 0);  // the other name still uses the blob
    CHECK(std::filesystem::exists(model->path()));
    CHECK(store.remove("My-Coder--v2-").value() == bytes.size());
    CHECK_FALSE(std::filesystem::exists(model->path()));
    CHECK(scratch.read("My Coder (v2).gguf") == bytes);  // the source is unchanged
    CHECK(store.remove("other:x").error()->code == Code::not_found);
}

TEST_CASE("store: an unknown model is an error with the nearest names") {
    const Scratch scratch;
    auto store = store_in(scratch);
    const auto path = scratch.write("x.gguf", tiny("x"));
    for (const auto* name : {"qwen-coder", "qwen-coder:7b", "granite", "hf:acme/qwen-coder-GGUF:Q4_K_M"}) {
        REQUIRE(store.import_file(path, *parse_name(name), kNow));
    }
    const auto missed = store.resolve("qwen-codr");
    REQUIRE_FALSE(missed);
    CHECK(missed.error()->code == Code::not_found);
    CHECK(missed.error()->message.find("did you mean qwen-coder") != std::string::npos);
    CHECK(store.nearest("granit") == std::vector<std::string>{"granite"});
    CHECK(store.nearest("zzzzzzzz").empty());
    CHECK(store.resolve("hf:acme/qwen-coder-GGUF")->name == "hf:acme/qwen-coder-GGUF:Q4_K_M");
    CHECK(store.resolve("hf:acme/qwen-coder-gguf:q4_k_m")->name == "hf:acme/qwen-coder-GGUF:Q4_K_M");
    CHECK_FALSE(store.resolve("hf:acme/qwen-coder-GGUF:Q8_0"));
    CHECK(store.resolve("spark").error()->code == Code::not_found);
}

TEST_CASE("store: the built-in model is found and cannot be removed") {
    const Scratch scratch;
    const auto path = scratch.write("spark.gguf", tiny("spark"));
    Store store({.root = scratch.path("models"), .builtin = path, .discover = false});
    CHECK(store.resolve("spark")->name == "spark");
    CHECK(store.resolve("spark")->origin == "built-in");
    CHECK(store.list().models.front().name == "spark");
    CHECK(store.remove("spark").error()->code == Code::forbidden);
    CHECK_FALSE(store.add(*parse_name("spark"), "x", {{path, "x.gguf", "", 1}}, false, kNow));
    const auto imported =
        store.import_file(path, std::nullopt, kNow);  // a stored file of that name does not replace it
    REQUIRE(imported);
    CHECK(imported->name == "spark:imported");
}

TEST_CASE("store: damaged models are reported and not returned") {
    const Scratch scratch;
    auto store = store_in(scratch);
    const auto path = scratch.write("x.gguf", tiny("x"));
    const auto model = store.import_file(path, *parse_name("x"), kNow);
    REQUIRE(model);
    REQUIRE(store.import_file(scratch.write("y.gguf", tiny("y")), *parse_name("y"), kNow));

    std::filesystem::remove(model->path());
    scratch.write("home/models/blobs/sha256-" + model->files.front().sha256, "short");
    CHECK(store.resolve("x").error()->code == Code::corrupt);
    CHECK(store.list().models.size() == 1);
    CHECK(store.list().warnings.size() == 1);
    scratch.write("home/models/manifests/z%3Alatest.json", "{\"version\":1,");
    CHECK(store.resolve("z").error()->code == Code::corrupt);
    CHECK(store.list().warnings.size() == 2);
    // A manifest that cannot be read may name any blob: nothing is deleted beside it.
    CHECK(store.remove("y").value() == 0);
    CHECK(store.remove("z"));
    CHECK(store.remove("x"));
    CHECK(store.list().warnings.empty());

    CHECK(store.import_file(scratch.write("cut.gguf", tiny("x").substr(0, 900)), std::nullopt, kNow)
              .error()
              ->code == Code::corrupt);
    CHECK(store.import_file(scratch.path("none.gguf"), std::nullopt, kNow).error()->code == Code::not_found);
    CHECK(store.import_file(scratch.path(), std::nullopt, kNow).error()->code == Code::invalid_request);
}

TEST_CASE("store: parts of a split model keep their file names in one folder") {
    const Scratch scratch;
    auto store = store_in(scratch);
    const auto first = scratch.write("big-00001-of-00002.gguf", tiny("1"));
    CHECK(store.import_file(first, std::nullopt, kNow).error()->code ==
          Code::corrupt);  // the second is missing
    scratch.write("big-00002-of-00002.gguf", tiny("2"));
    const auto model = store.import_file(scratch.path("big-00002-of-00002.gguf"), std::nullopt, kNow);
    REQUIRE(model);
    CHECK(model->name == "big:latest");
    REQUIRE(model->files.size() == 2);
    CHECK(std::filesystem::path(model->path()).filename() == "big-00001-of-00002.gguf");
    CHECK(std::filesystem::path(model->files[1].path).parent_path() ==
          std::filesystem::path(model->path()).parent_path());
    CHECK(model->tensor_bytes == 2 * model->facts.tensor_bytes);
    CHECK(store.remove("big").value() == model->bytes);
    CHECK_FALSE(std::filesystem::exists(model->path()));
}

TEST_CASE("store: a manifest survives a round trip; invalid ones are rejected") {
    Model model;
    model.name = "a:b";
    model.source = "https://example.test/\"x\"";
    model.origin = "hearth";
    model.added = kNow;
    model.bytes = 7;
    model.tensor_bytes = 5;
    model.files.push_back({"", "x.gguf", std::string(64, 'a'), 7});
    model.facts.architecture = "llama";
    model.facts.parameters = UINT64_MAX;
    model.facts.fim = model.facts.recurrent = true;
    model.facts.split_count = 9;
    const auto text = encode_manifest(model);
    const auto back = decode_manifest(text);
    REQUIRE(back);
    CHECK(back->facts == model.facts);
    CHECK(back->source == model.source);
    CHECK(back->files.front().sha256 == model.files.front().sha256);
    CHECK(encode_manifest(*back) == text);
    for (std::size_t i = 0; i < text.size(); ++i) CHECK_FALSE(decode_manifest(text.substr(0, i)));

    const auto with_file = [](std::string_view name, std::string_view sum) {
        return decode_manifest("{\"version\":1,\"name\":\"a:b\",\"files\":[{\"name\":\"" + std::string(name) +
                               "\",\"sha256\":\"" + std::string(sum) + "\",\"bytes\":1}]}");
    };
    CHECK(with_file("x", std::string(64, 'a')));
    CHECK(with_file("../x", std::string(64, 'a')).error()->code == Code::corrupt);
    CHECK(with_file("..", std::string(64, 'a')).error()->code == Code::corrupt);
    CHECK(with_file("x", "../../../../etc/passwd").error()->code == Code::corrupt);
    CHECK(with_file("x", std::string(64, 'A')).error()->code == Code::corrupt);
}

TEST_CASE("files: writes are atomic; a full disk is an error with the free space") {
    const Scratch scratch;
    REQUIRE(write_atomically(scratch.path("a"), "one"));
    REQUIRE(write_atomically(scratch.path("a"), "two"));
    CHECK(scratch.read("a") == "two");
    CHECK(std::distance(std::filesystem::directory_iterator(scratch.path()), {}) == 1);
    const auto failed = write_atomically("/dev/full/x", "x");
    CHECK(failed.error()->code == Code::storage);
    const auto full = disk_error("write", scratch.path("x"), ENOSPC);
    CHECK(full.error()->message.find("are free") != std::string::npos);
    CHECK(free_bytes_at(scratch.path("not/yet/made")) > 0);
    CHECK(read_small_file(scratch.path("a"), 2).error()->code == Code::too_large);
}

}  // namespace store_test

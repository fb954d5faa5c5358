#include "models/gguf.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <filesystem>

#include "gguf_builder.h"

namespace gguf_test {

using namespace hearth;
using namespace hearth::models;
using hearth::models::test::GgufBuilder;

namespace {
Result<Gguf> parse(const std::string& bytes) {
    return parse_gguf({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, bytes.size());
}
}  // namespace

TEST_CASE("gguf: facts are read from a small model") {
    const auto parsed = parse(GgufBuilder::tiny().build());
    REQUIRE(parsed);
    const auto& f = parsed->facts;
    CHECK(f.architecture == "llama");
    CHECK(f.name == "Tiny");
    CHECK(f.license == "mit");
    CHECK(f.quantization == "Q4_K_M");
    CHECK(f.context_length == 2048);
    CHECK(f.embedding_length == 64);
    CHECK(f.layers == 2);
    CHECK(f.vocabulary == 5);
    CHECK(f.parameters == 64 * 5 + 64 + 768);
    CHECK(f.tensor_bytes == (64 * 5 + 64) * 4 + 3 * 144);
    CHECK(f.kv_bytes_per_token == 2 * 2 * (16 + 16) * 2);  // layers × kv heads × (key + value) × f16
    CHECK(f.kv_window_bytes_per_token == 0);
    CHECK(f.chat_template);
    CHECK(f.tools);
    CHECK(f.reasoning);
    CHECK(f.fim);
    CHECK_FALSE(f.embedding);
    CHECK_FALSE(f.recurrent);
    CHECK(parsed->tensors.size() == 3);
    CHECK(parsed->tensors[2].name == "blk.0.q");
    CHECK(parsed->tensors[2].bytes == 432);
}

TEST_CASE("gguf: a file truncated at any byte is rejected with its expected size") {
    auto builder = GgufBuilder::tiny();
    builder.pad_last = false;
    const auto whole = builder.build();
    REQUIRE(parse(whole));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const auto parsed = parse(whole.substr(0, length));
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error()->code == Code::corrupt);
    }
    const auto cut = parse(whole.substr(0, whole.size() - 7));
    CHECK(cut.error()->needed == static_cast<std::int64_t>(whole.size()));
    CHECK(cut.error()->limit == static_cast<std::int64_t>(whole.size() - 7));
    CHECK(cut.error()->message.find(std::to_string(whole.size())) != std::string::npos);
}

TEST_CASE("gguf: invalid files are rejected") {
    const auto code = [](const std::string& bytes) {
        const auto parsed = parse(bytes);
        return parsed ? Code::internal : parsed.error()->code;
    };
    CHECK(code("") == Code::corrupt);
    CHECK(code("not a model at all, but long enough") == Code::corrupt);
    auto old = GgufBuilder::tiny();
    old.version = 1;
    CHECK(code(old.build()) == Code::unsupported);
    old.version = 3U << 24;
    CHECK(code(old.build()) == Code::unsupported);
    CHECK(code(GgufBuilder::tiny().number("general.alignment", 24).build()) == Code::corrupt);
    CHECK(code(GgufBuilder::tiny().number("general.alignment", 0).build()) == Code::corrupt);
    CHECK(code(GgufBuilder::tiny().number("general.file_type", 1).build()) == Code::corrupt);  // twice
    CHECK(code(GgufBuilder::tiny().tensor("x", {64}, 4).build()) == Code::corrupt);  // a removed type
    CHECK(code(GgufBuilder::tiny().tensor("x", {100}, 12).build()) ==
          Code::corrupt);  // not a multiple of the block size
    CHECK(code(GgufBuilder::tiny().tensor("x", {1, 1, 1, 1, 1}).build()) == Code::corrupt);
    CHECK(code(GgufBuilder::tiny().tensor(std::string(64, 'n'), {1}).build()) == Code::corrupt);
    CHECK(code(GgufBuilder().tensor("x", {1ULL << 40, 1ULL << 40}).build().substr(0, 96)) == Code::corrupt);
}

TEST_CASE("gguf: false counts and lengths are rejected") {
    auto bytes = GgufBuilder::tiny().build();
    const auto with_u64 = [&bytes](std::size_t at, std::uint64_t value) {
        auto copy = bytes;
        std::memcpy(copy.data() + at, &value, sizeof value);
        return copy;
    };
    for (const auto value :
         {UINT64_MAX, std::uint64_t{1} << 62, std::uint64_t{1} << 40, std::uint64_t{70'000}}) {
        for (const std::size_t at : {8UL, 16UL, 24UL}) {  // tensors, keys, length of the first key
            const auto parsed = parse(with_u64(at, value));
            REQUIRE_FALSE(parsed);
            CHECK(parsed.error()->code == Code::corrupt);
        }
    }
}

TEST_CASE("gguf: control characters in a model's name are replaced") {
    const auto parsed = parse(GgufBuilder().string("general.name", "a\x1b[2Jb\nc").build());
    REQUIRE(parsed);
    CHECK(parsed->facts.name == "a[2Jbc");
    CHECK(parsed->keys[0].value == "a [2Jb\nc");
}

TEST_CASE("gguf: sliding windows, hybrid models, encoders and split files") {
    auto gemma = GgufBuilder();
    gemma.string("general.architecture", "g").number("g.block_count", 4).number("g.attention.head_count", 2);
    gemma.number("g.attention.head_count_kv", 1)
        .number("g.attention.key_length", 8)
        .number("g.attention.value_length", 8);
    gemma.number("g.attention.sliding_window", 512)
        .numbers("g.attention.sliding_window_pattern", {1, 1, 1, 0});
    auto parsed = parse(gemma.build());
    REQUIRE(parsed);
    CHECK(parsed->facts.kv_bytes_per_token == 32);
    CHECK(parsed->facts.kv_window_bytes_per_token == 96);
    CHECK(parsed->facts.sliding_window == 512);

    auto hybrid = GgufBuilder();
    hybrid.string("general.architecture", "h")
        .number("h.block_count", 4)
        .numbers("h.attention.head_count", {0, 4, 0, 4});
    hybrid.numbers("h.attention.head_count_kv", {0, 2, 0, 2}).number("h.embedding_length", 64);
    parsed = parse(hybrid.build());
    REQUIRE(parsed);
    CHECK(parsed->facts.recurrent);
    CHECK(parsed->facts.heads == 4);
    CHECK(parsed->facts.kv_bytes_per_token == 2 * 2 * 32 * 2);

    auto encoder = GgufBuilder();
    encoder.string("general.architecture", "nomic-bert").number("nomic-bert.pooling_type", 1);
    encoder.boolean("nomic-bert.attention.causal", false).number("split.no", 1).number("split.count", 3);
    parsed = parse(encoder.build());
    REQUIRE(parsed);
    CHECK(parsed->facts.embedding);
    CHECK(parsed->facts.pooling == "mean");
    CHECK(parsed->facts.split_no == 1);
    CHECK(parsed->facts.split_count == 3);
}

TEST_CASE("gguf: arbitrary content is read or rejected without a crash") {
    const auto whole = GgufBuilder::tiny().build();
    CHECK(rc::check("any byte changed", [&] {
        auto bytes = whole;
        const auto changes = *rc::gen::inRange(1, 8);
        for (int i = 0; i < changes; ++i) {
            bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] =
                static_cast<char>(*rc::gen::inRange(0, 256));
        }
        const auto parsed = parse(bytes);
        if (parsed) RC_ASSERT(parsed->expected_bytes <= bytes.size());
    }));
}

TEST_CASE("gguf: the vocabulary files of llama.cpp are read") {
    const std::filesystem::path folder = std::filesystem::path(HEARTH_SOURCE_DIR) / ".deps/llama/src/models";
    std::error_code error;
    int read = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() != ".gguf") continue;
        const auto parsed = read_gguf(entry.path().string());
        CAPTURE(entry.path().string());
        REQUIRE(parsed);
        CHECK_FALSE(parsed->facts.architecture.empty());
        CHECK(parsed->facts.vocabulary > 1000);
        if (entry.path().filename() == "ggml-vocab-starcoder.gguf") CHECK(parsed->facts.fim);
        ++read;
    }
    MESSAGE("vocabularies read: " << read);
}

TEST_CASE("gguf: names of split files are parsed") {
    const auto split = parse_split_name("model-00002-of-00005.gguf");
    CHECK(split.stem == "model");
    CHECK(split.number == 2);
    CHECK(split.count == 5);
    for (const auto* name :
         {"model.gguf", "model-00000-of-00005.gguf", "model-00006-of-00005.gguf", "-00001-of-00002.gguf",
          "model-0001x-of-00002.gguf", "model-00001-of-00002.bin", ""}) {
        CHECK(parse_split_name(name).count == 0);
    }
}

}  // namespace gguf_test

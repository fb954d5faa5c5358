// Parsing of a pull's argument and of a hub's responses.
#include <doctest/doctest.h>

#include "models/hub.h"
#include "models/pull.h"

namespace source_test {

using namespace hearth;
using namespace hearth::models;

TEST_CASE("pull: arguments are parsed as file, URL or hub repository") {
    CHECK(parse_source("hf:a/b:Q8_0")->quant == "Q8_0");
    CHECK(parse_source("https://huggingface.co/a/b")->text == "a/b");
    CHECK(parse_source("hf.co/a/b:Q4_0")->kind == Source::Kind::hub);
    CHECK(parse_source("https://huggingface.co/a/b/resolve/main/x.gguf")->kind == Source::Kind::url);
    CHECK(parse_source("https://example.test/x.gguf")->kind == Source::Kind::url);
    CHECK(parse_source("./x.gguf")->kind == Source::Kind::file);
    for (const auto* bad :
         {"", "hf:a", "hf:a/b/c", "ftp://x/y.gguf", "https://", "https://user:pass@x/y.gguf"}) {
        CAPTURE(bad);
        CHECK(parse_source(bad).error()->code == Code::invalid_request);
    }
}

TEST_CASE("pull: the model's files are chosen from a repository") {
    const auto chosen = [](const std::vector<std::string>& paths, std::string_view quant) {
        std::vector<HubFile> tree;
        for (const auto& path : paths) tree.push_back({path, "", 1});
        const auto files = choose_hub_files(tree, quant);
        return files ? files->front().path : std::string(code_name(files.error()->code));
    };
    CHECK(chosen({"a-f16.gguf", "a-q8_0.gguf", "a-Q4_K_M.gguf"}, "") == "a-Q4_K_M.gguf");
    CHECK(chosen({"a-f16.gguf", "a-q8_0.gguf"}, "") == "a-q8_0.gguf");
    CHECK(chosen({"mtp-a.gguf", "a-f16.gguf"}, "") == "a-f16.gguf");
    CHECK(chosen({"a-IQ4_K_M.gguf", "a-Q4_K_M.gguf"}, "Q4_K_M") == "a-Q4_K_M.gguf");  // whole words only
    CHECK(chosen({"a-Q4_K_M_L.gguf"}, "Q4_K_M") == "not_found");
    CHECK(chosen({"a-00002-of-00002.gguf", "a-00001-of-00002.gguf"}, "") == "a-00001-of-00002.gguf");
    CHECK(chosen({"a-00001-of-00002.gguf"}, "") == "not_found");
    CHECK(chosen({"README.md", "model.safetensors"}, "") == "not_found");
    CHECK(quant_of("dir/x-UD-Q4_K_XL-00001-of-00002.gguf") == "Q4_K_XL");
    CHECK(quant_of("x.bf16.gguf") == "BF16");
    CHECK(quant_of("x-instruct.gguf").empty());
}

TEST_CASE("pull: invalid responses of a hub are rejected") {
    std::vector<HubFile> files;
    CHECK_FALSE(parse_tree("{}", files));
    CHECK_FALSE(parse_tree("[", files));
    CHECK(parse_tree(
        R"([1,null,{"type":"file"},{"type":"file","path":"a/","size":1},{"type":"file","path":"b\u0007","size":1},
                        {"type":"file","path":"c.gguf","size":-1,"lfs":{"oid":"../x","size":5}}])",
        files));
    REQUIRE(files.size() == 1);
    CHECK(files[0].sha256.empty());
    CHECK(files[0].bytes == 5);
    CHECK(parse_refs(R"({"branches":[{"name":"main","targetCommit":"../../x"}]})").value() == "main");
    CHECK_FALSE(parse_refs("<html>"));
}

}  // namespace source_test

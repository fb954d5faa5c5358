#include "wire/ollama/defaults.h"

#include <doctest/doctest.h>

#include "text/json.h"
#include "wire/ollama/models.h"

namespace ollama_defaults_test {

using namespace hearth;
using namespace hearth::wire;

TEST_CASE("ollama defaults fill in only what a request leaves unset") {
    const auto defaults = ollama::decode_defaults(
        R"({"temperature":0.5,"top_k":3,"num_predict":7,"num_ctx":512,"stop":["x"],"seed":4,"mirostat":1})");
    REQUIRE(defaults);
    exchange::Request request;
    request.sampling.temperature = 0;
    request.sampling.stop = {"own"};
    ollama::apply_defaults(*defaults, request);
    CHECK(request.sampling.temperature == 0);
    CHECK(request.sampling.stop == std::vector<std::string>{"own"});
    CHECK(request.sampling.top_k == 3);
    CHECK(request.sampling.max_tokens == 7);
    CHECK(request.sampling.seed == 4);
    CHECK_FALSE(request.sampling.top_p);
    CHECK(request.context_tokens == 512);
    exchange::Request silent;
    ollama::apply_defaults(*defaults, silent);
    CHECK(silent.sampling.stop == std::vector<std::string>{"x"});
    CHECK(ollama::decode_defaults("{").error()->code == Code::invalid_request);
    CHECK(ollama::decode_defaults("[1]").error()->code == Code::invalid_request);
    CHECK(ollama::decode_defaults(R"({"temperature":"hot"})").error()->param == "options.temperature");
}

TEST_CASE("ollama show: further keys of the file stand once, and tensors on demand") {
    ollama::ModelDetails details;
    details.model.family = "qwen2";
    details.model.context_length = 4096;
    details.info = {
        {"qwen2.context_length", "9"}, {"qwen2.block_count", "2"}, {"tokenizer.ggml.tokens", "null"}};
    json::Document document;
    const auto plain = ollama::encode_show(details);
    auto root = document.parse(plain);  // which refuses a key that stands twice
    REQUIRE(root);
    CHECK((*root)["model_info"]["qwen2.context_length"].as_int() == 4096);
    CHECK((*root)["model_info"]["qwen2.block_count"].as_int() == 2);
    CHECK((*root)["model_info"]["tokenizer.ggml.tokens"].is_null());
    CHECK_FALSE((*root)["tensors"]);
    details.tensors.push_back({"a.weight", "Q8_0", {64, 2}});
    const auto verbose = ollama::encode_show(details);
    root = document.parse(verbose);
    REQUIRE(root);
    CHECK((*root)["tensors"].at(0)["shape"].at(0).as_int() == 64);
}

}  // namespace ollama_defaults_test

#include "wire/anthropic/vertex.h"

#include <doctest/doctest.h>

#include "wire/codecs.h"

namespace anthropic_vertex_test {

using namespace hearth;
using namespace hearth::wire;

namespace {

std::string edited(std::string_view text) {
    json::Document document;
    REQUIRE(document.parse(text));
    UpstreamNeeds needs;
    needs.provider = "vertex-anthropic";
    needs.model = "claude-sonnet-5@default";
    const auto plan = anthropic::vertex_codec().edits(document, needs);
    return text::apply_edits(text, plan.edits).value();
}

}  // namespace

TEST_CASE("Claude at Vertex: the model stands in the path, the version in the body") {
    const auto& codec = anthropic::vertex_codec();
    CHECK(codec.path_varies());
    CHECK(codec.path(exchange::Kind::chat, "claude-opus-4-5@20251101", false) ==
          "/models/claude-opus-4-5@20251101:rawPredict");
    CHECK(codec.path(exchange::Kind::chat, "a/../b", true) == "/models/a%2F..%2Fb:streamRawPredict");
    CHECK(codec.path(exchange::Kind::count, "m", false) == std::nullopt);
    CHECK(upstream_codec(exchange::Dialect::anthropic, "vertex") == &codec);
    CHECK(upstream_codec(exchange::Dialect::gemini, "vertex") == nullptr);
    CHECK(upstream_codec(exchange::Dialect::anthropic) != &codec);
}

TEST_CASE("Claude at Vertex: the client's own bytes but for one member") {
    CHECK(edited(R"({ "model" : "x", "max_tokens":5,"messages":[]})") ==
          R"({ "anthropic_version":"vertex-2023-10-16", "max_tokens":5,"messages":[]})");
    CHECK(edited(R"({"max_tokens":5,"model":"x"})") ==
          R"({"max_tokens":5,"anthropic_version":"vertex-2023-10-16"})");
    CHECK(edited(R"({"model":"x","anthropic_version":"other","max_tokens":5})") ==
          R"({"anthropic_version":"vertex-2023-10-16","max_tokens":5})");
}

TEST_CASE("Claude at Vertex: a body that is written anew") {
    exchange::Request request;
    request.model = "asked";
    request.sampling.max_tokens = 7;
    request.body = exchange::Chat{};
    UpstreamNeeds needs;
    needs.model = "claude-sonnet-5@default";
    const auto body = anthropic::vertex_codec().encode(request, needs);
    json::Document document;
    REQUIRE(document.parse(body));
    CHECK(!document.root()["model"]);
    CHECK(document.root()["anthropic_version"].as_string() == "vertex-2023-10-16");
    CHECK(document.root()["max_tokens"].as_int() == 7);
}

}  // namespace anthropic_vertex_test

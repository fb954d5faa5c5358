// The table of dialects: every row is complete, and what a row says holds for its codecs.
#include "wire/dialects.h"

#include <doctest/doctest.h>

#include <set>

#include "wire/codecs.h"

namespace dialects_test {

using namespace hearth;
using exchange::Dialect;
using wire::dialect_row;

TEST_CASE("rows stand in the order of exchange::Dialect") {
    CHECK(dialect_row(Dialect::openai).name == "openai");
    CHECK(dialect_row(Dialect::responses).name == "responses");
    CHECK(dialect_row(Dialect::anthropic).name == "anthropic");
    CHECK(dialect_row(Dialect::gemini).name == "gemini");
    CHECK(dialect_row(Dialect::ollama).name == "ollama");
    CHECK(dialect_row(Dialect::llama).name == "llama");
    CHECK(dialect_row(Dialect::engine).name == "engine");
    CHECK(wire::dialects().size() == 7);
    CHECK(wire::parse_dialect("gemini") == Dialect::gemini);
    CHECK(wire::parse_dialect("klingon") == std::nullopt);
    CHECK(wire::dialect_names(wire::Side::upstream) ==
          "openai, responses, anthropic, gemini, ollama or llama");
}

TEST_CASE("every row is complete") {
    std::set<std::string_view> names, client_headers;
    for (const auto* const row : wire::dialects()) {
        CAPTURE(row->name);
        CHECK(names.insert(row->name).second);
        CHECK(row->requests);
        CHECK((row->client != nullptr) == (row->answers != nullptr));
        CHECK((row->models.list != nullptr) == (row->models.one != nullptr));
        if (row->client) CHECK_FALSE(row->endpoints.empty());
        if (!row->client_header.empty()) CHECK(client_headers.insert(row->client_header).second);
        if (!row->upstreams.empty()) CHECK(row->upstreams.front().form.empty());
        for (const auto withheld : row->withheld_headers)
            CHECK(withheld.starts_with(row->forwarded_prefixes[0]));
    }
    CHECK(
        (dialect_row(Dialect{}).models.list != nullptr));  // the shape for clients that no header tells apart
}

TEST_CASE("codecs are those of the row") {
    CHECK(wire::client_codec(Dialect::engine) == nullptr);
    CHECK(wire::upstream_codec(Dialect::engine) == nullptr);
    CHECK(wire::upstream_codec(Dialect::anthropic, "vertex") != wire::upstream_codec(Dialect::anthropic));
    CHECK(wire::upstream_codec(Dialect::anthropic, "vertex") != nullptr);
    CHECK(wire::upstream_codec(Dialect::anthropic, "other") == nullptr);
    CHECK(wire::upstream_codec(Dialect::gemini, "vertex") == nullptr);
}

TEST_CASE("the type of a stream is the same towards clients and from upstreams") {
    for (const auto* const row : wire::dialects()) {
        if (row->client) CHECK(row->client().stream_type({}) == row->stream_type);
    }
}

TEST_CASE("lists of models in each dialect that has a shape of its own") {
    wire::ModelCard card;
    card.id = "qwen3";
    card.owned_by = "hearth";
    card.created_s = 7;
    card.context_length = 4096;
    card.place = "local";
    card.state = "loaded";
    const auto list = [&](Dialect dialect) { return dialect_row(dialect).models.list({&card, 1}); };
    const auto one = [&](Dialect dialect) { return dialect_row(dialect).models.one(card, "alias"); };
    CHECK(list(Dialect::openai).contains(R"("id":"qwen3")"));
    CHECK(list(Dialect::openai).contains(R"("context_length":4096)"));
    CHECK(one(Dialect::openai).contains(R"("state":"loaded")"));
    CHECK(list(Dialect::gemini).contains(R"("name":"models/qwen3")"));
    CHECK(one(Dialect::gemini).contains(R"("description":"local")"));
    CHECK(list(Dialect::anthropic).contains(R"("id":"qwen3")"));
    CHECK(list(Dialect::anthropic).contains(R"("id":"claude-hearth-qwen3")"));
    CHECK(one(Dialect::anthropic).contains(R"("id":"alias")"));
    card.id = "claude-x";
    CHECK_FALSE(list(Dialect::anthropic).contains("claude-hearth-"));
    CHECK((dialect_row(Dialect::ollama).models.list == nullptr));
}

}  // namespace dialects_test

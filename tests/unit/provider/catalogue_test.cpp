#include "provider/catalogue.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "provider/embedded.h"
#include "provider/rows.h"

namespace catalogue_test {

using namespace hearth;
using namespace hearth::provider;

TEST_CASE("the embedded catalogue reads, is dated and knows the models of the providers") {
    const auto& catalogue = Catalogue::embedded();
    CHECK(catalogue.date() == "2026-07-02");
    CHECK(catalogue.source() == "models.dev f3fc6922");
    CHECK(catalogue.prices().date() == "2026-07-02");
    for (const auto& row : read_rows(embedded_providers()).value()) {
        CAPTURE(row.id);
        const bool cloud_with_prices = row.place == Place::cloud && row.id != "xidao";
        CHECK(catalogue.models(row.prices).empty() != cloud_with_prices);
        if (!row.default_model.empty()) CHECK(catalogue.find(row.prices, row.default_model) != nullptr);
    }
    const auto* model = catalogue.find("openai", "gpt-5.5");
    REQUIRE(model);
    CHECK(model->context == 1'050'000);
    CHECK(model->max_input == 922'000);
    CHECK(model->tools);
    CHECK(model->images);
    CHECK(!model->embedding);
    CHECK(catalogue.find("openai", "text-embedding-3-small")->embedding);
    CHECK(catalogue.find("openai", "gpt-99") == nullptr);
    CHECK(catalogue.find("nobody", "gpt-5.5") == nullptr);
}

TEST_CASE("prices are those of the source, unknown is not zero") {
    const auto& prices = Catalogue::embedded().prices();
    const exchange::Usage usage{.input = 1'000'000, .output = 1'000'000};
    CHECK(prices.cost("deepseek", "deepseek-v4-pro", usage) == 435'000'000 + 870'000'000);
    CHECK(prices.find("deepseek", "deepseek-v4-pro")->base.cached_input == 3'625'000);
    CHECK(prices.cost("openai", "gpt-5.5", {.input = 1'000, .output = 1'000}) == 5'000'000 + 30'000'000);
    CHECK(prices.find("openai", "gpt-5.5")->tiers.at(0).above == 272'000);
    CHECK(prices.cost("openai", "text-embedding-3-small", {.input = 1'000'000, .output = 0}) == 20'000'000);
    CHECK(prices.cost("openrouter", "openai/gpt-oss-20b:free", usage) == 0);
    CHECK(prices.cost("llama", "llama-3.3-70b-instruct", usage) ==
          std::nullopt);  // 0 in the source: not known
    CHECK(prices.cost("openrouter", "openrouter/auto", usage) == std::nullopt);
    CHECK(prices.cost("xidao", "gpt-5.5", usage) == std::nullopt);
}

TEST_CASE("nearest names for one that is not known") {
    const auto& catalogue = Catalogue::embedded();
    const auto near = catalogue.nearest("openai/gpt-5.6");
    REQUIRE(!near.empty());
    CHECK(near.size() <= 3);
    CHECK(near[0].starts_with("openai/gpt-5."));
    CHECK(catalogue.nearest("codestral_latest", 1) == std::vector<std::string>{"mistral/codestral-latest"});
    CHECK(catalogue.nearest("zzzzzzzzzzzzzzzzzzzzzzzz").empty());
    CHECK(catalogue.nearest("", 3).size() <= 3);
    CHECK(catalogue.nearest(std::string(100'000, 'x')).empty());
}

TEST_CASE("an invalid catalogue is an error that names the model") {
    const auto wrong = [](std::string_view models) {
        const auto text =
            fmt::format(R"({{"date":"d","source":"s","commit":"c","providers":{{"a":{{{}}}}}}})", models);
        const auto parsed = Catalogue::parse(text);
        REQUIRE(!parsed);
        CHECK(parsed.error()->code == Code::corrupt);
        return parsed.error()->message;
    };
    CHECK(wrong(R"("m":{"price":{"input":-1}})").find("a/m") != std::string::npos);
    CHECK(wrong(R"("m":{"price":{"input":1.5}})").find("a/m") != std::string::npos);
    CHECK(wrong(R"("m":{"price":{"input":9999999999999999999}})").find("a/m") != std::string::npos);
    CHECK(wrong(R"("m":{"price":{"tiers":[{"above":5},{"above":5}]}})").find("ascend") != std::string::npos);
    CHECK(wrong(R"("m":{"price":{"tiers":[{}]}})").find("a/m") != std::string::npos);
    CHECK(wrong(R"("n":{},"m":{})").find("order") != std::string::npos);
    CHECK(wrong(R"("m":3)").find("a/m") != std::string::npos);
    CHECK(!Catalogue::parse("{}"));
    CHECK(!Catalogue::parse(embedded_models().substr(0, 1'000)));
}

}  // namespace catalogue_test

#include "ledger/prices.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace prices_test {

using namespace hearth;
using namespace hearth::ledger;

namespace {

// gpt-5.5 of the catalogue: $5 in, $0.5 cached, $30 out; above 272 000 input tokens $10, $1, $45.
Price tiered() {
    return {
        .base = {.input = 5'000'000'000, .output = 30'000'000'000, .cached_input = 500'000'000},
        .tiers = {
            {.above = 272'000,
             .rates = {.input = 10'000'000'000, .output = 45'000'000'000, .cached_input = 1'000'000'000}}}};
}

exchange::Usage usage(std::int64_t input, std::int64_t output) {
    return {.input = input, .output = output};
}

}  // namespace

TEST_CASE("prices are read exactly") {
    CHECK(parse_dollars_per_million("5").value() == 5'000'000'000);
    CHECK(parse_dollars_per_million("0.003625").value() == 3'625'000);
    CHECK(parse_dollars_per_million("0.15").value() == 150'000'000);
    CHECK(parse_dollars_per_million("0.0").value() == 0);
    CHECK(parse_dollars_per_million("0.1000000000000").value() == 100'000'000);
    CHECK(parse_dollars_per_million("1000000").value() == 1'000'000'000'000'000);
    for (const auto* wrong : {"", ".", ".5", "5.", "-1", "1e3", "1.2.3", " 1", "0x1", "0.0000000001",
                              "1000001", "1000000.1", "99999999999999999999"}) {
        CAPTURE(wrong);
        const auto price = parse_dollars_per_million(wrong);
        REQUIRE(!price);
        CHECK(price.error()->code == Code::corrupt);
    }
}

TEST_CASE("a price written in dollars reads back as itself") {
    CHECK(rc::check("parse(print(n)) = n", [] {
        const auto nano = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000);
        char text[64];
        std::snprintf(text, sizeof text, "%lld.%09lld", static_cast<long long>(nano / kNanoPerUsd),
                      static_cast<long long>(nano % kNanoPerUsd));
        RC_ASSERT(parse_dollars_per_million(text).value() == nano);
    }));
}

TEST_CASE("cost is exact") {
    const auto price = tiered();
    CHECK(cost(price, usage(1'000, 100)) == 5'000'000 + 3'000'000);
    CHECK(cost(price, usage(0, 0)) == 0);

    exchange::Usage cached = usage(1'000, 100);
    cached.cached_input = 400;
    CHECK(cost(price, cached) == 600 * 5'000 + 400 * 500 + 100 * 30'000);

    // One token at $0.003625 per million is 3.625 nano-dollars: rounded once, at the end, half up.
    const Price small{.base = {.input = 3'625'000, .output = 500'000}};
    CHECK(cost(small, usage(1, 0)) == 4);
    CHECK(cost(small, usage(8, 0)) == 29);
    CHECK(cost(small, usage(0, 1)) == 1);  // 0.5
    CHECK(cost(small, usage(1, 1)) == 4);  // 4.125
}

TEST_CASE("the whole request is charged by the tier that its input reaches") {
    const auto price = tiered();
    CHECK(cost(price, usage(272'000, 10)) == 272'000ll * 5'000 + 10 * 30'000);
    CHECK(cost(price, usage(272'001, 10)) == 272'001ll * 10'000 + 10 * 45'000);
    // A rate that the tier leaves out is the base's.
    Price partial = tiered();
    partial.tiers[0].rates.output.reset();
    CHECK(cost(partial, usage(272'001, 10)) == 272'001ll * 10'000 + 10 * 30'000);
}

TEST_CASE("unknown stays unknown") {
    const auto price = tiered();
    CHECK(cost(price, {}) == std::nullopt);
    CHECK(cost(price, {.input = 5}) == std::nullopt);
    CHECK(cost(price, {.output = 5}) == std::nullopt);
    CHECK(cost(Price{.base = {.input = 1}}, usage(1, 1)) == std::nullopt);
    CHECK(cost(Price{.base = {.input = 1'000'000}}, usage(1, 0)) == 1);  // the missing rate is not needed
    CHECK(cost(Price{}, usage(0, 0)) == 0);
    CHECK(cost(price, {.input = 5, .output = 5, .cached_input = 6}) == std::nullopt);
    CHECK(cost(price, {.input = 5, .output = 5, .cached_input = 3, .cache_write_input = 3}) == std::nullopt);
    CHECK(cost(price, {.input = 5, .output = 5, .reasoning_output = 6}) == std::nullopt);
    CHECK(cost(price, {.input = -1, .output = 5}) == std::nullopt);
    const auto huge = std::numeric_limits<std::int64_t>::max();
    CHECK(cost(price, usage(huge, huge)) == std::nullopt);
}

TEST_CASE("cached and written input without a price of its own is charged as input; reasoning as output") {
    const Price price{.base = {.input = 2'000'000, .output = 8'000'000}};
    CHECK(
        cost(price,
             {.input = 10, .output = 5, .cached_input = 4, .cache_write_input = 3, .reasoning_output = 5}) ==
        10 * 2 + 5 * 8);
    Price all = price;
    all.base.cached_input = 1'000'000;
    all.base.cache_write = 3'000'000;
    all.base.reasoning = 9'000'000;
    CHECK(
        cost(all,
             {.input = 10, .output = 5, .cached_input = 4, .cache_write_input = 3, .reasoning_output = 2}) ==
        3 * 2 + 4 * 1 + 3 * 3 + 3 * 8 + 2 * 9);
}

TEST_CASE("cost never falls when tokens or rates rise, and equals the wide sum") {
    CHECK(rc::check("against 128-bit arithmetic", [] {
        const auto rate = rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000);
        const auto tokens = rc::gen::inRange<std::int64_t>(0, 10'000'000);
        const auto in = *tokens, out = *tokens, cached = *rc::gen::inRange<std::int64_t>(0, in + 1);
        const Price price{.base = {.input = *rate, .output = *rate, .cached_input = *rate}};
        const exchange::Usage used{.input = in, .output = out, .cached_input = cached};
        const auto got = cost(price, used);
        const __int128 exact = static_cast<__int128>(in - cached) * *price.base.input +
                               static_cast<__int128>(cached) * *price.base.cached_input +
                               static_cast<__int128>(out) * *price.base.output;
        RC_ASSERT(got.has_value());
        const __int128 twice = static_cast<__int128>(*got) * 2'000'000;
        RC_ASSERT(twice - 2 * exact <= 1'000'000);
        RC_ASSERT(2 * exact - twice < 1'000'000);
        auto more = used;
        more.output = out + 1;
        RC_ASSERT(*cost(price, more) >= *got);
    }));
}

TEST_CASE("the price book tells free, priced and unknown apart") {
    PriceBook book;
    book.set_origin("models.dev f3fc6922", "2026-07-02");
    book.add_free("ollama");
    book.add("openai", "gpt-5.5", tiered());
    CHECK(book.cost("ollama", "anything", {}) == 0);
    CHECK(book.cost("openai", "gpt-5.5", usage(1'000, 0)) == 5'000'000);
    CHECK(book.cost("openai", "gpt-9", usage(1, 1)) == std::nullopt);
    CHECK(book.cost("xidao", "gpt-5.5", usage(1, 1)) == std::nullopt);
    CHECK(book.find("openai", "gpt-9") == nullptr);
    CHECK(book.date() == "2026-07-02");
}

}  // namespace prices_test

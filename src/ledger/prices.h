#pragma once
// What tokens cost. Prices are data, dated and with their source; unknown is not zero. All arithmetic is
// exact: a price is an integer count of nano-dollars per million tokens ($0.003625 per million = 3'625'000),
// sums are 128 bits wide and rounded once, half up, to a nano-dollar.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/money.h"
#include "exchange/event.h"

namespace hearth::ledger {

using NanoPerMillion = std::int64_t;

struct Rates {
    std::optional<NanoPerMillion> input, output;
    std::optional<NanoPerMillion> cached_input;  // part of the input that the provider had cached
    std::optional<NanoPerMillion> cache_write;   // part of the input that was written into its cache
    std::optional<NanoPerMillion> reasoning;     // part of the output; set only where it differs
    bool operator==(const Rates&) const = default;
};

// Above a number of input tokens (cached ones included) a provider may charge the whole request by other
// rates. A rate that a tier leaves out is the base's, never unknown.
struct Tier {
    std::int64_t above = 0;  // applies when input tokens > above
    Rates rates;
    bool operator==(const Tier&) const = default;
};

struct Price {
    Rates base;
    std::vector<Tier> tiers;  // ascending
    bool operator==(const Price&) const = default;
};

// The rules of cost():
//   cached tokens without a cache price are charged as input (a provider that gives no discount), as are
//   cache writes; reasoning tokens are part of the output and charged as such unless they have a rate of
//   their own; a count that is absent is unknown: input or output absent makes the cost unknown; cached,
//   cache_write and reasoning absent mean none; a rate that is needed (count > 0) and absent makes the cost
//   unknown; counts that contradict each other (cached > input, reasoning > output, negative) make the cost
//   unknown.
[[nodiscard]] std::optional<NanoUsd> cost(const Price& price, const exchange::Usage& usage);

// "0.003625" dollars per million tokens -> 3'625'000. Decimal digits and one point only; more than nine
// decimals that are not zero, or more than kMaxDollars, is an error (Code::corrupt).
[[nodiscard]] Result<NanoPerMillion> parse_dollars_per_million(std::string_view decimal);
inline constexpr std::int64_t kMaxDollarsPerMillion = 1'000'000;

class PriceBook {
  public:
    // A provider whose models run on the owner's machines: every request costs 0, known.
    void add_free(std::string provider);
    // Replaces an earlier price of the same model.
    void add(std::string provider, std::string model, Price price);
    void set_origin(std::string source, std::string date);  // "models.dev f3fc6922", "2026-07-02"

    [[nodiscard]] const Price* find(std::string_view provider, std::string_view model) const;
    [[nodiscard]] std::optional<NanoUsd> cost(std::string_view provider, std::string_view model,
                                              const exchange::Usage& usage) const;
    [[nodiscard]] const std::string& source() const { return source_; }
    [[nodiscard]] const std::string& date() const { return date_; }

  private:
    struct Models {
        bool free = false;
        std::map<std::string, Price, std::less<>> prices;
    };
    std::map<std::string, Models, std::less<>> providers_;
    std::string source_, date_;
};

}  // namespace hearth::ledger

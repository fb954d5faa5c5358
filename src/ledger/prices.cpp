#include "ledger/prices.h"

#include <fmt/format.h>

#include <limits>

namespace hearth::ledger {

namespace {

using Wide = __int128;
constexpr Wide kTokensPerRate = 1'000'000;

Rates rates_for(const Price& price, std::int64_t input_tokens) {
    Rates rates = price.base;
    for (const auto& tier : price.tiers) {
        if (input_tokens <= tier.above) break;
        if (tier.rates.input) rates.input = tier.rates.input;
        if (tier.rates.output) rates.output = tier.rates.output;
        if (tier.rates.cached_input) rates.cached_input = tier.rates.cached_input;
        if (tier.rates.cache_write) rates.cache_write = tier.rates.cache_write;
        if (tier.rates.reasoning) rates.reasoning = tier.rates.reasoning;
    }
    return rates;
}

// Adds tokens × rate; false when the rate is needed and not known.
bool add(Wide& sum, std::int64_t tokens, const std::optional<NanoPerMillion>& rate) {
    if (tokens == 0) return true;
    if (!rate) return false;
    sum += static_cast<Wide>(tokens) * *rate;
    return true;
}

bool plausible(const exchange::Usage& usage) {
    if (!usage.input || !usage.output) return false;
    const auto cached = usage.cached_input.value_or(0), written = usage.cache_write_input.value_or(0);
    const auto reasoning = usage.reasoning_output.value_or(0);
    if (*usage.input < 0 || *usage.output < 0 || cached < 0 || written < 0 || reasoning < 0) return false;
    return cached <= *usage.input && written <= *usage.input - cached && reasoning <= *usage.output;
}

}  // namespace

std::optional<NanoUsd> cost(const Price& price, const exchange::Usage& usage) {
    if (!plausible(usage)) return std::nullopt;
    const auto rates = rates_for(price, *usage.input);
    const auto cached = usage.cached_input.value_or(0), written = usage.cache_write_input.value_or(0);
    const auto reasoning = rates.reasoning ? usage.reasoning_output.value_or(0) : 0;

    Wide sum = 0;
    const bool known = add(sum, *usage.input - cached - written, rates.input) &&
                       add(sum, cached, rates.cached_input ? rates.cached_input : rates.input) &&
                       add(sum, written, rates.cache_write ? rates.cache_write : rates.input) &&
                       add(sum, *usage.output - reasoning, rates.output) &&
                       add(sum, reasoning, rates.reasoning);
    if (!known) return std::nullopt;
    const Wide rounded = (sum + kTokensPerRate / 2) / kTokensPerRate;
    if (rounded > std::numeric_limits<NanoUsd>::max()) return std::nullopt;
    return static_cast<NanoUsd>(rounded);
}

Result<NanoPerMillion> parse_dollars_per_million(std::string_view decimal) {
    const auto wrong = [&](std::string_view why) {
        return fail(Code::corrupt, fmt::format("\"{}\" is not a price in dollars per million tokens: {}.",
                                               decimal.substr(0, 40), why));
    };
    std::int64_t nano = 0;
    int decimals = -1;  // digits after the point; -1 before it
    bool digits = false;
    for (const char c : decimal) {
        if (c == '.') {
            if (decimals >= 0 || !digits) return wrong("digits and one point are expected");
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9') return wrong("digits and one point are expected");
        digits = true;
        if (decimals >= 9) {
            if (c != '0') return wrong("more than nine decimals");
            continue;
        }
        nano = nano * 10 + (c - '0');
        if (decimals >= 0) ++decimals;
        if (decimals < 0 && nano > kMaxDollarsPerMillion) return wrong("too large");
    }
    if (!digits || decimal.back() == '.') return wrong("digits and one point are expected");
    for (int i = std::max(decimals, 0); i < 9; ++i) nano *= 10;
    if (nano > kMaxDollarsPerMillion * kNanoPerUsd) return wrong("too large");
    return nano;
}

void PriceBook::add_free(std::string provider) {
    providers_[std::move(provider)].free = true;
}

void PriceBook::add(std::string provider, std::string model, Price price) {
    providers_[std::move(provider)].prices.insert_or_assign(std::move(model), std::move(price));
}

void PriceBook::set_origin(std::string source, std::string date) {
    source_ = std::move(source);
    date_ = std::move(date);
}

const Price* PriceBook::find(std::string_view provider, std::string_view model) const {
    const auto models = providers_.find(provider);
    if (models == providers_.end()) return nullptr;
    const auto price = models->second.prices.find(model);
    return price == models->second.prices.end() ? nullptr : &price->second;
}

std::optional<NanoUsd> PriceBook::cost(std::string_view provider, std::string_view model,
                                       const exchange::Usage& usage) const {
    const auto models = providers_.find(provider);
    if (models == providers_.end()) return std::nullopt;
    if (models->second.free) return 0;
    const auto* price = find(provider, model);
    return price ? ledger::cost(*price, usage) : std::nullopt;
}

}  // namespace hearth::ledger

// USES: ledger
// A price of any text is rejected, or a whole number of nano-dollars that survives formatting and parsing.
#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ledger/prices.h"

using namespace hearth;
using namespace hearth::ledger;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto price = parse_dollars_per_million({reinterpret_cast<const char*>(data), size});
    if (!price) return price.error()->message.empty() ? (std::abort(), 0) : 0;
    const auto text = fmt::format("{}.{:09}", *price / kNanoPerUsd, *price % kNanoPerUsd);
    if (*price < 0 || parse_dollars_per_million(text) != *price) std::abort();
    return 0;
}

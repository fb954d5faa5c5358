#include "provider/http_date.h"

#include <array>
#include <charconv>
#include <string>
#include <vector>

namespace hearth::provider {

namespace {

// "Sun, 06-Nov-94 08:49:37 GMT" -> Sun 06 Nov 94 08 49 37 GMT
std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> out;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= text.size() && out.size() < 10; ++i) {
        if (i < text.size() && std::string_view(" ,-:").find(text[i]) == std::string_view::npos) continue;
        if (i > begin) out.push_back(text.substr(begin, i - begin));
        begin = i + 1;
    }
    return out;
}

std::optional<int> number(std::string_view text, int min, int max) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < min || value > max)
        return std::nullopt;
    return value;
}

std::optional<unsigned> month(std::string_view name) {
    constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (unsigned i = 0; i < kMonths.size(); ++i) {
        if (kMonths[i] == name) return i + 1;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Wall> parse_http_date(std::string_view text) {
    const auto w = words(text);
    // asctime: Sun Nov 6 08 49 37 1994; the others: Sunday 06 Nov 94|1994 08 49 37 GMT
    if (w.size() < 7) return std::nullopt;
    const bool asctime = w.size() == 7;
    if (!asctime && (w.size() != 8 || w[7] != "GMT")) return std::nullopt;
    const auto m = month(asctime ? w[1] : w[2]);
    const auto day = number(asctime ? w[2] : w[1], 1, 31);
    auto year = number(asctime ? w[6] : w[3], 0, 9999);
    const std::size_t clock = asctime ? 3 : 4;
    const auto hour = number(w[clock], 0, 23), minute = number(w[clock + 1], 0, 59),
               second = number(w[clock + 2], 0, 60);
    if (!m || !day || !year || !hour || !minute || !second) return std::nullopt;
    if (*year < 100) *year += *year < 70 ? 2000 : 1900;
    const auto date =
        std::chrono::year(*year) / std::chrono::month(*m) / std::chrono::day(static_cast<unsigned>(*day));
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           seconds(*second);
}

}  // namespace hearth::provider

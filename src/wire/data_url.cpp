#include "wire/data_url.h"

namespace hearth::wire {

std::optional<DataUrl> parse_data_url(std::string_view url) {
    constexpr std::string_view kScheme = "data:", kMark = ";base64,";
    const auto mark = url.find(kMark);
    if (!url.starts_with(kScheme) || mark == std::string_view::npos) return std::nullopt;
    return DataUrl{url.substr(kScheme.size(), mark - kScheme.size()), url.substr(mark + kMark.size())};
}

}  // namespace hearth::wire

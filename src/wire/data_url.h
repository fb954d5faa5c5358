#pragma once
// "data:image/png;base64,..." (RFC 2397).
#include <optional>
#include <string_view>

namespace hearth::wire {

struct DataUrl {
    std::string_view media_type, data;  // data: base64; views into the URL
};
// nullopt: another URL, or one whose data is not base64.
[[nodiscard]] std::optional<DataUrl> parse_data_url(std::string_view url);

}  // namespace hearth::wire

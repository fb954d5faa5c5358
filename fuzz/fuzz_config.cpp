// USES: config
// A configuration file of any bytes gives either a snapshot or errors; each error has a position.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hearth::config;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto report = check_text(Home{"/home"}, Environment(), {}, text, "fuzz.toml");
    if ((report.config == nullptr) == report.errors.empty()) std::abort();
    for (const auto& error : report.errors) {
        if (error.where.empty() || error.message.empty() || error.message.find('\0') != std::string::npos)
            std::abort();
    }
    return 0;
}

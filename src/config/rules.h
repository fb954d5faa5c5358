#pragma once
// What the texts of a configuration must look like. Each rule answers with what it expected, or nothing.
#include <string>
#include <string_view>

#include "base/error.h"
#include "config/config.h"

namespace hearth::config::rules {

[[nodiscard]] std::string any(std::string_view text);  // not empty, no control characters
[[nodiscard]] std::string id(std::string_view text);   // provider, project: a-z 0-9 . _ -, 64 bytes
[[nodiscard]] std::string provider_id(
    std::string_view text);  // id, but none of the names with a meaning of their own
[[nodiscard]] std::string model(std::string_view text);          // a model's name
[[nodiscard]] std::string model_pattern(std::string_view text);  // a name, or a prefix and '*'
[[nodiscard]] std::string variable(std::string_view text);       // name of an environment variable
[[nodiscard]] std::string base_url(std::string_view text);       // http(s), no query, no user
[[nodiscard]] std::string host(std::string_view text);           // host or host:port, as in a Host header
[[nodiscard]] std::string origin(std::string_view text);         // scheme://host[:port]
[[nodiscard]] std::string dialect(std::string_view text);
[[nodiscard]] std::string place(std::string_view text);
[[nodiscard]] std::string header_name(std::string_view text);   // RFC 9110 token that is ours to set
[[nodiscard]] std::string header_value(std::string_view text);  // visible ASCII, spaces and tabs inside

[[nodiscard]] std::string listen(std::string_view text, Listen& out);  // HOST:PORT
[[nodiscard]] bool loopback_host(std::string_view host);               // 127.0.0.0/8, ::1, localhost

}  // namespace hearth::config::rules

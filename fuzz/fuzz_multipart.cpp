// USES: http text base
// Any body: parts are within it, in order and disjoint; decoded parts survive encoding and decoding.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/multipart.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hearth;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = text.find('\n');
    const auto boundary = http::multipart_boundary(text.substr(0, line));
    const std::string used = boundary ? *boundary : "b";
    const auto rest = line == std::string_view::npos ? text : text.substr(line + 1);
    const std::vector<char> exact(rest.begin(), rest.end());
    const std::string_view body(exact.data(), exact.size());
    const auto parts = http::parse_multipart(body, used);
    if (!parts) return parts.error()->message.empty() ? (__builtin_trap(), 0) : 0;
    std::size_t behind = 0;
    std::string again;
    for (const auto& part : *parts) {
        if (part.offset < behind || body.substr(part.offset, part.content.size()) != part.content)
            __builtin_trap();
        behind = part.offset + part.content.size();
        std::string quoted;
        for (const char c : part.name) {
            if (c == '"' || c == '\\') quoted.push_back('\\');
            quoted.push_back(c);
        }
        again.append("--" + used + "\r\nContent-Disposition: form-data; name=\"" + quoted + "\"\r\n\r\n");
        again.append(part.content).append("\r\n");
    }
    again.append("--" + used + "--");
    const auto same = http::parse_multipart(again, used);
    if (!same || same->size() != parts->size()) __builtin_trap();
    for (std::size_t i = 0; i < same->size(); ++i) {
        if ((*same)[i].name != (*parts)[i].name || (*same)[i].content != (*parts)[i].content)
            __builtin_trap();
    }
    return 0;
}

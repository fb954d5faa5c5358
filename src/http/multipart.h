#pragma once
// multipart/form-data (RFC 7578 over RFC 2046 section 5.1) out of a whole body: no copies of content, no I/O. Strict: input
// that two parsers could read differently is rejected.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hearth::http {

struct Part {
    std::string name;          // content-disposition's, unquoted
    std::string filename;      // likewise; empty: none
    std::string content_type;  // empty: none
    std::size_t offset = 0;    // where `content` begins in the body
    std::string_view content;  // into the body
};

struct MultipartLimits {
    std::size_t parts = 256;
    std::size_t head_bytes = 8 * 1024;  // the header lines of one part
};

// The boundary in "multipart/form-data; boundary=...". Error: invalid_request, another type or no boundary (1 to 70 of
// RFC 2046's characters).
[[nodiscard]] Result<std::string> multipart_boundary(std::string_view content_type);

// Every part in order. Errors: invalid_request (truncated body, a part without a name, a line that is not a field), too_large.
[[nodiscard]] Result<std::vector<Part>> parse_multipart(std::string_view body, std::string_view boundary,
                                                        const MultipartLimits& limits = {});

// The only part of that name; nullptr: none. Error: invalid_request when there are several, because it would be
// ambiguous which one counts.
[[nodiscard]] Result<const Part*> only_part(const std::vector<Part>& parts, std::string_view name);

}  // namespace hearth::http

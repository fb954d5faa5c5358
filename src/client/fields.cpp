#include "client/fields.h"

#include "http/encoder.h"

namespace hearth::client {

Result<CommonFields> CommonFields::encode(const http::HeaderList& fields) {
    std::string lines;
    http::HeadWriter writer(lines);
    write_fields(writer, fields);
    if (auto done = writer.finish_lines(); !done) return fail(std::move(done.error()));
    CommonFields common;
    common.lines_ = Secret(std::move(lines));
    common.credentials_ = has_credentials(fields);
    return common;
}

bool has_credentials(const http::HeaderList& headers) {
    for (const auto header : headers) {
        for (const std::string_view name :
             {"authorization", "x-api-key", "x-goog-api-key", "api-key", "cookie", "proxy-authorization"}) {
            if (http::iequals(header.name, name)) return true;
        }
    }
    return false;
}

void write_fields(http::HeadWriter& writer, const http::HeaderList& fields) {
    for (const auto field : fields) {
        if (http::is_hop_by_hop(field.name) || http::iequals(field.name, "host") ||
            http::iequals(field.name, "content-length"))
            continue;
        writer.header(field.name, field.value);
    }
}

}  // namespace hearth::client

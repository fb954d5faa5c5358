// The default ErrorWriter.
#include "server/server.h"
#include "text/json_writer.h"

namespace hearth::server {

namespace {
// Types as OpenAI's API names them: https://platform.openai.com/docs/guides/error-codes
std::string_view type_of(int status) {
    if (status == 401) return "authentication_error";
    if (status == 403) return "permission_error";
    if (status == 429) return "rate_limit_error";
    return status >= 500 ? "server_error" : "invalid_request_error";
}
}  // namespace

void write_openai_error(const Error& error, int status, std::string& out) {
    text::json::Writer writer(out);
    writer.begin_object().key("error").begin_object();
    writer.member("message", std::string_view(error.message)).member("type", type_of(status)).key("param");
    if (error.param.empty()) {
        writer.null();
    } else {
        writer.string(error.param);
    }
    writer.member("code", code_name(error.code)).end_object().end_object();
}

}  // namespace hearth::server

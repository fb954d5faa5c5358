#pragma once
// An upstream's error body, read in the shapes and messages of each vendor. For classify().
//
// Shapes: {"error":{"message","type","code"}} (OpenAI and most), {"type":"error","error":{…}} (Anthropic),
// {"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[…]}}, in an array too (Google), {"error":"text"} (Ollama),
// {"object":"error","message"} (vLLM, Mistral), {"detail":"text"} (FastAPI servers), {"message","__type"} with
// x-amzn-errortype (AWS). The only reader of error answers: the codecs (wire/) read errors inside a 200 alone.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/head.h"

namespace hearth::provider {

struct VendorError {
    std::string code, type, message;     // message in lower case, for looking up phrases only
    std::int64_t needed = 0, limit = 0;  // tokens, where the context is exceeded and the message has them
    std::optional<std::int64_t> retry_after_ms;
    bool json = false;
    std::string
        unwrapped;  // the error's object where the body is an array of one (Google's streaming endpoints)

    [[nodiscard]] bool mentions(std::initializer_list<std::string_view> phrases) const;
    [[nodiscard]] bool is_any(std::initializer_list<std::string_view> words) const;  // code or type

    [[nodiscard]] bool context_exceeded(int status) const;
    [[nodiscard]] bool model_unknown() const;
    [[nodiscard]] bool key_wrong() const;
    [[nodiscard]] bool opaque_refused() const;  // signatures, encrypted reasoning
    [[nodiscard]] bool out_of_money() const;
    [[nodiscard]] bool asks_to_wait() const;  // although the status is not 429
    // Its error code or type in brackets, if it is a plain word: never its message, which may quote the request.
    [[nodiscard]] std::string label() const;
};

[[nodiscard]] VendorError read_error_body(const http::HeaderList& headers, std::string_view body);

}  // namespace hearth::provider

#pragma once
// The endpoints of all dialects and how a request is recognised by its path. What belongs to no dialect (health, metrics,
// admin) and other programs' own APIs below a more general path (/api/v0/models of LM Studio under Ollama's /api/) are the
// gateway's, which looks there first.
#include <optional>
#include <string_view>

#include "wire/dialect.h"

namespace hearth::wire {

// inference: answered by a model. compat: the rest of another program's own API. The others are resources.
enum class EndpointUse : std::uint8_t { inference, models, compat, stored_response, socket, files, batches };

struct EndpointRow {
    std::string_view path;
    std::string_view method = "POST";  // GET answers HEAD too; empty: any
    exchange::Kind kind = exchange::Kind::chat;
    std::string_view name = {};  // Call::endpoint
    EndpointUse use = EndpointUse::inference;
    bool prefix = false;  // every path that begins with it
    bool shared = false;  // other dialects have it too: the client's headers say which one it is
};

// A dialect that writes the model and the method into the path (Gemini).
struct CallPaths {
    EndpointRow endpoint;  // of all of them
    std::optional<Call> (*parse)(std::string_view path, std::string_view query);
};

struct EndpointMatch {
    const EndpointRow* endpoint = nullptr;     // null: no such path
    bool method_fits = false;                  // false: 405
    std::optional<exchange::Dialect> dialect;  // nullopt: dialect_of_headers() (dialects.h)
    Call call;
};
// `websocket`: the client asks for one; only then rows of that use are considered.
[[nodiscard]] EndpointMatch find_endpoint(std::string_view path, std::string_view query,
                                          std::string_view method, bool websocket);
[[nodiscard]] bool method_fits(const EndpointRow& endpoint, std::string_view method);

}  // namespace hearth::wire

#pragma once
// Messages to and from JSON text: the payload of one frame. Pure functions, bounded, used by the worker and
// by the supervisor. The JSON is an object with a "type" and the message's fields by their C++ names; fields
// with their default value are omitted, unknown fields are ignored, so the two programs may be one version
// apart. A request or an event inside is the exchange type itself, field by field, not a client's
// dialect.
//
// Decoders return Code::invalid_request with the field at fault for malformed input. They never throw, and
// accept no count beyond base/limits.h.
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/protocol/message.h"

namespace hearth::engine {

[[nodiscard]] std::string encode(const ToWorker& message);
[[nodiscard]] std::string encode(const ToGateway& message);
[[nodiscard]] Result<ToWorker> decode_to_worker(std::string_view json);
[[nodiscard]] Result<ToGateway> decode_to_gateway(std::string_view json);

// The id of a submit, count or text_query that does not decode, so that its sender still gets an error. nullopt: no id found.
[[nodiscard]] std::optional<RequestId> id_of_refused(std::string_view json);

}  // namespace hearth::engine

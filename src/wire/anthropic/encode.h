#pragma once
// Requests written for an upstream. What translate_request() has left in a request is all that is expected here; hosted tools, Foreign
// parts and unknown fields are not written.
//
// Turns become messages that alternate: results of tools first, then the user's words; two turns of one side become one
// message. The leading system turns become `system`. Later ones stay in their place as text of the user, since only the
// newest models take the role `system` among the messages and moving them to the front would break the cached prefix.
// Empty texts, which Anthropic refuses, are left out, and with them messages that have nothing else.
#include <string>

#include "text/json_writer.h"
#include "wire/dialect.h"

namespace hearth::wire::anthropic {

[[nodiscard]] std::string encode_request(const exchange::Request& request, const UpstreamNeeds& needs);

// Appends `"system":…` and `"messages":[…]`.
void write_turns(json::Writer& w, const exchange::Request& request, const UpstreamNeeds& needs);

}  // namespace hearth::wire::anthropic

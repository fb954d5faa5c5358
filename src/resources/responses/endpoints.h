#pragma once
// What the Responses dialect has beside requests and answers: answers that are kept and can be continued, and turns over a
// WebSocket. The pipeline knows nothing of it: a turn's body is completed before, and its answer is read along.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "resources/resources.h"
#include "resources/responses/store.h"
#include "server/exchange.h"

namespace hearth::resources {

// POST /v1/responses
[[nodiscard]] Task<void> answer_response(Resources& resources, server::Exchange& exchange, Caller caller,
                                         Ingress ingress);
// GET and DELETE /v1/responses/{id}, GET /v1/responses/{id}/input_items
[[nodiscard]] Task<void> answer_stored(Resources& resources, server::Exchange& exchange, Caller caller);
// GET /v1/responses with an upgrade: response.create messages, one after the other
[[nodiscard]] Task<void> answer_socket(Resources& resources, server::Exchange& exchange, Caller caller,
                                       Ingress ingress);

// One turn: a body of its own, from the outer exchange's head. What goes to the client goes through `outer` as it is.
struct Turn {
    std::optional<std::string> body;  // complete: the items before are in its input; nullopt: as it came
    std::vector<std::string> input;   // its items
};
// `document`: the client's body, which outlives the call. Error: not_found for a previous_response_id that is not kept.
// `connection`: the document is a message of a WebSocket, and this is the last answer that the connection keeps, which the
// store may not have.
[[nodiscard]] Task<Result<Turn>> complete_turn(Resources& resources, const Caller& caller,
                                               const json::Document& document,
                                               const StoredResponse* connection);

}  // namespace hearth::resources

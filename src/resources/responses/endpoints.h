#pragma once
// What the Responses dialect has beside questions and answers: answers that are kept and gone back to, and turns over a
// WebSocket. The road itself knows nothing of it: a turn's body is made whole before, its answer is read along.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/endpoints.h"
#include "resources/responses/store.h"
#include "pipeline/services.h"
#include "server/exchange.h"

namespace hearth::resources {

// POST /v1/responses
[[nodiscard]] Task<void> answer_response(Services& services, server::Exchange& exchange, Caller caller,
                                         Ingress ingress);
// GET and DELETE /v1/responses/{id}, GET /v1/responses/{id}/input_items
[[nodiscard]] Task<void> answer_stored(Services& services, server::Exchange& exchange, const Caller& caller);
// GET /v1/responses with an upgrade: response.create messages, one after the other
[[nodiscard]] Task<void> answer_socket(Services& services, server::Exchange& exchange, Caller caller,
                                       Ingress ingress);

// One turn, from the outer exchange's head and a body of its own. What is said goes to `outer` as it is.
struct Turn {
    std::optional<std::string> body;  // whole: what came before is in its input; nullopt: as it came
    std::vector<std::string> input;   // its items
};
// `document`: the client's body, which outlives the call. Error: not_found for a previous_response_id that is not kept. `before` is what a connection keeps;
// null: the store is asked.
[[nodiscard]] Task<Result<Turn>> whole_turn(Services& services, const Caller& caller,
                                            const json::Document& document, const StoredResponse* before);

}  // namespace hearth::resources

#pragma once
// /v1/files and /v1/batches as OpenAI has them: kept and worked here, or, with the header x-hearth-provider, that
// provider's own (passthrough.h). Format: developers.openai.com/api/reference/resources/files and .../batches.
#include <string>
#include <string_view>
#include <vector>

#include "gateway/endpoints.h"
#include "resources/resources.h"
#include "server/exchange.h"
#include "text/url.h"

namespace hearth::resources {

inline constexpr std::string_view kProviderHeader = "x-hearth-provider";

[[nodiscard]] Task<void> answer_files(Resources& resources, server::Exchange& exchange, Caller caller,
                                      Ingress ingress);
[[nodiscard]] Task<void> answer_batches(Resources& resources, server::Exchange& exchange, Caller caller,
                                        Ingress ingress);
// The same of a provider, once the path is known to be one of the collection.
[[nodiscard]] Task<void> proxy_to_provider(Resources& resources, server::Exchange& exchange, Caller caller,
                                           Ingress ingress, std::string_view collection);

// What stands behind the collection in a path: "/v1/files/ID/content" gives "ID" and "content". Error: not_found, for ids
// that are none and for more than that.
struct Item {
    std::string id;    // empty: the collection itself
    std::string verb;  // "content", "cancel", or empty
};
[[nodiscard]] Result<Item> item_of(std::string_view path, std::string_view collection);

// A page of objects that are given newest first, as {object:"list", data, first_id, last_id, has_more}. `limit`, `after` and
// `order` come from the query. Error: invalid_request.
struct Listed {
    std::string id, json;
};
[[nodiscard]] Result<std::string> page_of(std::vector<Listed> newest_first, std::string_view query,
                                          std::size_t usual, std::size_t most);

}  // namespace hearth::resources

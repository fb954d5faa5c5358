#pragma once
// The table of dialects: what Hearth knows about a dialect beside its codecs, one row each. A dialect is a folder (its
// codecs, and its row in dialect.cpp) and one line of dialects.cpp; nothing outside the folder names it.
//
// exchange::Dialect is the index of a row, so a look-up is an index into the table.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wire/dialect.h"
#include "wire/endpoints.h"
#include "wire/model_card.h"
#include "wire/translate/support.h"

namespace hearth::wire {

struct Header {
    std::string_view name, value;
};

// An upstream codec; `form` names a provider's own variant of the dialect (wire/anthropic/vertex.h), empty: the standard.
struct UpstreamForm {
    std::string_view form;
    const UpstreamCodec& (*codec)();
};

// What a translation needs to know beyond the feature columns (translate/).
struct TranslationRules {
    // As the source of a request
    bool shows_thinking = false;  // thinking is shown unless the request says otherwise
    bool general_effort =
        false;  // effort is about all of an answer: without thinking it means nothing elsewhere
    // As the target
    bool openai_schemas = false;          // schemas of tools must follow OpenAI's rules (openai_schema.h)
    bool documents_as_data_urls = false;  // a document's data is a data: URL with a name beside it
    bool effort_none = false;             // the effort "none" turns thinking off
    std::string_view highest_effort;      // in place of "max", where that is not known
    bool positive_top_k = false;          // takes no 0 or -1 for "all tokens"
    void (*prepare)(exchange::Chat& chat) = nullptr;  // a last step on the translated conversation
};

struct DialectRow {
    std::string_view name;  // "anthropic": for settings, catalogue rows and the ledger

    // Towards clients; client == nullptr: no client uses it.
    const ClientCodec& (*client)() = nullptr;
    std::span<const EndpointRow> endpoints;
    const CallPaths* call_paths = nullptr;  // where the path names the model and the method
    std::span<const std::string_view>
        path_prefixes;               // of paths that no row has: errors are written in this dialect
    std::string_view client_header;  // tells its clients apart on a path that dialects share
    ModelListWriter models;          // null: /v1/models has no shape of its own in this dialect
    bool model_optional = false;     // a request may leave the model to the server

    // Towards upstreams; the first form is the standard one. Empty: no upstream uses it.
    std::span<const UpstreamForm> upstreams;
    std::string_view key_header;            // holds the bare key; empty: a bearer token
    std::span<const Header> fixed_headers;  // sent with each request
    std::span<const std::string_view>
        forwarded_prefixes;  // of client headers that a vendor of the same dialect gets
    std::span<const std::string_view>
        withheld_headers;  // but not these: ours to set, or about the client's machine
    std::string_view stream_type = "text/event-stream";
    bool needs_output_limit = false;  // a request must carry a limit of output tokens (UpstreamNeeds)
    bool provider_completions =
        false;  // the quirks completions_path and fim of providers are about this dialect

    // Translation
    TranslationRules rules;
    const RequestColumn* requests = nullptr;  // in every row
    const AnswerColumn* answers = nullptr;    // in every row with a client codec
};

// In the order of exchange::Dialect.
[[nodiscard]] std::span<const DialectRow* const> dialects();
[[nodiscard]] inline const DialectRow& dialect_row(exchange::Dialect dialect) {
    return *dialects()[static_cast<std::size_t>(dialect)];
}

[[nodiscard]] inline std::string_view dialect_name(exchange::Dialect dialect) {
    return dialect_row(dialect).name;
}
[[nodiscard]] std::optional<exchange::Dialect> parse_dialect(std::string_view name);

// By the headers in which clients of a dialect differ; the first dialect's where there is none. `contains`: whether the
// request has a header of that name.
template <class Contains>
[[nodiscard]] exchange::Dialect dialect_of_headers(const Contains& contains) {
    const auto rows = dialects();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!rows[i]->client_header.empty() && contains(rows[i]->client_header))
            return static_cast<exchange::Dialect>(i);
    }
    return exchange::Dialect{};
}

enum class Side : std::uint8_t { any, client, upstream };
// "openai, responses, ... or llama": for messages that list what may be named.
[[nodiscard]] std::string dialect_names(Side side);

[[nodiscard]] inline Support support_of(Feature feature, exchange::Dialect target) {
    return (*dialect_row(target).requests)[feature].support;
}
[[nodiscard]] inline bool can_send(exchange::Dialect client, Feature feature) {
    return dialect_row(client).requests->can_send(feature);
}

}  // namespace hearth::wire

#include "wire/endpoints.h"

#include "wire/dialects.h"

namespace hearth::wire {

namespace {

// Errors for a path that no row has are still written in the dialect that it looks like.
std::optional<exchange::Dialect> dialect_of_prefix(std::string_view path) {
    std::optional<exchange::Dialect> found;
    for (std::size_t i = 0; i < dialects().size(); ++i) {
        for (const auto prefix : dialects()[i]->path_prefixes) {
            if (path.starts_with(prefix)) found = static_cast<exchange::Dialect>(i);
        }
    }
    return found;
}

// A path may stand in several rows with different methods: the first row whose method fits, else the first.
EndpointMatch find_row(std::string_view path, std::string_view method, bool websocket) {
    EndpointMatch match;
    for (std::size_t i = 0; i < dialects().size(); ++i) {
        for (const auto& row : dialects()[i]->endpoints) {
            if (row.prefix ? !path.starts_with(row.path) : path != row.path) continue;
            if (row.use == EndpointUse::socket && !websocket) continue;
            const bool fits = method_fits(row, method);
            if (match.endpoint && (!fits || row.path != match.endpoint->path)) continue;
            match.endpoint = &row;
            match.method_fits = fits;
            match.dialect.reset();
            if (!row.shared) match.dialect = static_cast<exchange::Dialect>(i);
            if (fits) return match;
        }
    }
    return match;
}

}  // namespace

bool method_fits(const EndpointRow& endpoint, std::string_view method) {
    return endpoint.method.empty() || method == endpoint.method ||
           (endpoint.method == "GET" && method == "HEAD");
}

EndpointMatch find_endpoint(std::string_view path, std::string_view query, std::string_view method,
                            bool websocket) {
    auto match = find_row(path, method, websocket);
    if (!match.method_fits) {  // parsing a path costs more than comparing it: only where no row answers
        for (std::size_t i = 0; i < dialects().size(); ++i) {
            const auto* const paths = dialects()[i]->call_paths;
            if (!paths || !method_fits(paths->endpoint, method)) continue;
            if (auto call = paths->parse(path, query))
                return {&paths->endpoint, true, static_cast<exchange::Dialect>(i), std::move(*call)};
        }
    }
    if (!match.endpoint) {
        match.dialect = dialect_of_prefix(path);
        return match;
    }
    match.call.kind = match.endpoint->kind;
    match.call.endpoint = match.endpoint->name;
    return match;
}

}  // namespace hearth::wire

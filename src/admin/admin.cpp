#include "admin/admin.h"

#include <fmt/format.h>

#include "admin/api/endpoints.h"
#include "gateway/reply.h"

namespace hearth::admin {

namespace {

constexpr std::size_t kBodyBytes = 256 * 1024;
constexpr std::string_view kPrefix = "/hearth/v1/";

struct Row {
    std::string_view method, path;
    Task<void> (*answer)(Call&);
};
constexpr Row kTable[] = {
    {"GET", "status", show_status},
    {"GET", "models", list_models},
    {"GET", "ps", list_workers},
    {"GET", "ledger", list_ledger},
    {"POST", "route", show_route},
    {"POST", "load", load_model},
    {"POST", "unload", unload_model},
    {"DELETE", "models", remove_model},
    {"POST", "pull", pull_model},
    {"POST", "stop", stop_daemon},
    {"POST", "reload", reload_configuration},
};

Result<const Row*> find_row(std::string_view method, std::string_view path) {
    std::string_view allowed;
    for (const auto& row : kTable) {
        if (row.path != path) continue;
        if (row.method == method) return &row;
        allowed = row.method;
    }
    if (!allowed.empty())
        return fail(Code::method_not_allowed, fmt::format("{}{} takes {}.", kPrefix, path, allowed));
    return fail(Code::not_found,
                fmt::format("No administration endpoint {}{}.", kPrefix, path.substr(0, 100)));
}

}  // namespace

Task<void> Admin::handle(server::Exchange& exchange) {
    const auto& head = exchange.head();
    auto row = find_row(head.method == "HEAD" ? "GET" : std::string_view(head.method),
                        head.path().substr(kPrefix.size()));
    if (row && exchange.peer().address_class() != net::AddressClass::loopback) {
        row = fail(Code::forbidden, "Administration answers this machine only.");
    }
    if (!row) {
        co_await gateway::reply_error(services_, exchange, std::move(row.error()));
        co_return;
    }
    auto query = text::parse_query(head.query());
    if (!query) {
        co_await gateway::reply_error(services_, exchange, std::move(query.error()));
        co_return;
    }
    json::Document document;
    json::Value body;
    if (head.method == "POST") {
        const auto bytes = co_await exchange.read_body(kBodyBytes);
        auto root = bytes ? document.parse(bytes->empty() ? std::string_view("{}") : *bytes)
                          : Result<json::Value>(fail(bytes.error()));
        if (root && !root->is_object()) root = fail(Code::invalid_request, "The body must be a JSON object.");
        if (!root) {
            co_await gateway::reply_error(services_, exchange, std::move(root.error()));
            co_return;
        }
        body = *root;
    }
    Call call{*this, services_, exchange, std::move(*query), body};
    co_await (*row)->answer(call);
}

}  // namespace hearth::admin

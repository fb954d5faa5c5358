// The table of other programs' own APIs, and what all of its rows have in common.
#include "compat/compat.h"

#include <fmt/format.h>

#include "gateway/reply.h"
#include "pipeline/plan.h"
#include "text/json_require.h"
#include "text/json_writer.h"
#include "wire/codecs.h"
#include "wire/ollama/models.h"

namespace hearth::compat {

namespace {

constexpr std::size_t kSmall = 2U << 20;   // names, and what a Modelfile may say
constexpr std::size_t kLarge = 32U << 20;  // texts and conversations

struct Row {
    std::string_view method, path;
    Answer (*answer)(Call&) = nullptr;
    Task<void> (*alone)(Call&) = nullptr;
    bool manages = false;  // this machine only
    std::size_t body = kSmall;
};
constexpr Row kTable[] = {
    {"GET", "/api/version", ollama_version},
    {"GET", "/api/tags", ollama_tags},
    {"POST", "/api/show", ollama_show},
    {"GET", "/api/ps", ollama_ps},
    {"POST", "/api/pull", nullptr, ollama_pull, true},
    {"DELETE", "/api/delete", ollama_delete, nullptr, true},
    {"POST", "/api/copy", ollama_copy, nullptr, true},
    {"POST", "/api/create", nullptr, ollama_create, true},
    {"HEAD", "/api/blobs/", nullptr, ollama_find_blob, true},
    {"POST", "/api/blobs/", nullptr, ollama_take_blob, true, 0},
    {"POST", "/api/push", ollama_push, nullptr, true},
    {"GET", "/props", llama_props},
    {"POST", "/props", llama_set_props},
    {"GET", "/slots", llama_slots},
    {"POST", "/tokenize", llama_tokenize, nullptr, false, kLarge},
    {"POST", "/detokenize", llama_detokenize, nullptr, false, kLarge},
    {"POST", "/apply-template", llama_apply_template, nullptr, false, kLarge},
};

exchange::Dialect dialect_of(std::string_view path) {
    return path.starts_with("/api/") ? exchange::Dialect::ollama : exchange::Dialect::llama;
}

bool is_at(const Row& row, std::string_view path) {
    return row.path.ends_with('/') ? path.starts_with(row.path) : path == row.path;
}

Result<const Row*> find_row(std::string_view method, std::string_view path) {
    std::string allowed;
    for (const auto& row : kTable) {
        if (!is_at(row, path)) continue;
        if (row.method == method || (row.method == "GET" && method == "HEAD")) return &row;
        allowed += allowed.empty() ? "" : " or ";
        allowed += row.method;
    }
    if (!allowed.empty())
        return fail(Code::method_not_allowed, fmt::format("{} takes {}, not {}.", path, allowed, method));
    return fail(Code::not_found, fmt::format("No endpoint {} {}.", method, path.substr(0, 200)));
}

Task<Result<json::Value>> read_object(server::Exchange& exchange, json::Document& document,
                                      std::size_t limit) {
    const auto bytes = co_await exchange.read_body(limit);
    if (!bytes) co_return fail(bytes.error());
    auto root = document.parse(bytes->empty() ? std::string_view("{}") : *bytes);
    if (root && !root->is_object()) root = fail(Code::invalid_request, "The body must be a JSON object.");
    co_return root;
}

Task<void> answer(const Row& row, Call& call) {
    if (row.alone != nullptr) {
        co_await row.alone(call);
        co_return;
    }
    auto body = co_await row.answer(call);
    if (!body) {
        co_await reply_compat_error(call, std::move(body.error()));
    } else if (body->empty()) {
        co_await gateway::reply_text(call.services, call.exchange, 200, {}, "text/plain");
    } else {
        co_await gateway::reply_json(call.services, call.exchange, 200, std::move(*body));
    }
}

}  // namespace

Task<void> handle(gateway::Services& services, server::Exchange& exchange, pipeline::Caller caller) {
    const auto& head = exchange.head();
    const std::string path(head.path());
    const auto& dialect = *wire::client_codec(dialect_of(path));
    json::Document document;
    Call call{services, exchange, caller, dialect, {}, {}, document, {}};
    auto row = find_row(head.method, path);
    if (row && (*row)->manages && exchange.peer().address_class() != net::AddressClass::loopback) {
        row = fail(Code::forbidden,
                   fmt::format("{} changes what models there are: it answers this machine only.", path));
    }
    auto query = text::parse_query(head.query());
    if (row && !query) row = fail(std::move(query.error()));
    if (row) {
        call.query = std::move(*query);
        call.rest = path.substr((*row)->path.size());
        if ((*row)->method != "GET" && (*row)->method != "HEAD" && (*row)->body > 0) {
            auto body = co_await read_object(exchange, document, (*row)->body);
            if (body) call.body = *body;
            if (!body) row = fail(std::move(body.error()));
        }
    }
    if (row) {
        co_await answer(**row, call);
    } else {
        co_await reply_compat_error(call, std::move(row.error()));
    }
}

Result<std::string> requested_model(const Call& call) {
    for (const std::string_view field : {"model", "name"}) {
        const auto name = json::optional_string(call.body, field);
        if (!name) return fail(name.error());
        if (*name && !(*name)->empty()) return std::string(**name);
    }
    return fail(Code::invalid_request, "Say which model: \"model\" is missing.", "model");
}

std::string canonical_hub_name(std::string_view name) {
    for (const std::string_view hub : {"hf.co/", "huggingface.co/"}) {
        if (!name.starts_with(hub)) continue;
        name.remove_prefix(hub.size());
        if (name.ends_with(":latest")) name.remove_suffix(7);  // Ollama's own addition: no quantization
        return fmt::format("hf:{}", name);
    }
    return std::string(name);
}

Result<route::Model> find_model(const Call& call, const std::string& name) {
    const auto meant = call.services.ports.directory.resolve_alias(name);
    const auto models = call.services.ports.directory.models();
    if (const auto* model = models->find(meant)) return *model;
    auto plan = pipeline::plan_for_chat(call.services.ports, call.caller.project, meant, {});
    if (plan) return *plan->steps.front().model;
    if (plan.error()->code == Code::not_found)
        plan.error()->message =
            fmt::format("model '{}' not found: {}", name.substr(0, 200), plan.error()->message);
    return fail(std::move(plan.error()));
}

Task<void> reply_compat_error(Call& call, Error error) {
    co_await gateway::reply_error(call.services, call.exchange, call.dialect, std::move(error));
}

std::string status_line(std::string_view status) {
    std::string line;
    json::Writer(line).begin_object().member("status", status).end_object();
    line += '\n';
    return line;
}

std::string error_line(const Call& call, const Error& error) {
    return call.dialect.error(error).body + '\n';
}

Answer ollama_version(Call&) {
    co_return wire::ollama::encode_version();
}

}  // namespace hearth::compat

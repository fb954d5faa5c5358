#include "resources/files/endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ranges>

#include "gateway/reply.h"
#include "http/multipart.h"
#include "pipeline/pipeline.h"
#include "resources/batches/batches.h"
#include "resources/files/store.h"
#include "text/json_writer.h"

namespace hearth::resources {

namespace {

constexpr std::string_view kFiles = "/v1/files";
constexpr std::size_t kPiece = std::size_t{1} << 20;
constexpr std::size_t kNameBytes = 512;

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t value = 0;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return value;
}

bool is_purpose(std::string_view text) {
    return !text.empty() && text.size() <= 64 &&
           std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '-'; });
}

// What an upload's form says.
struct Upload {
    StoredFile file;
    std::string_view bytes;
    std::optional<seconds> keep;
};

Result<std::string_view> field(const std::vector<http::Part>& parts, std::string_view name) {
    const auto part = http::only_part(parts, name);
    if (!part) return fail(part.error());
    return *part ? (*part)->content : std::string_view{};
}

Result<std::optional<seconds>> keep_of(const std::vector<http::Part>& parts) {
    constexpr std::int64_t kMost = 365 * 86'400;
    const auto anchor = field(parts, "expires_after[anchor]");
    const auto after = field(parts, "expires_after[seconds]");
    if (!anchor) return fail(anchor.error());
    if (!after) return fail(after.error());
    if (anchor->empty() && after->empty()) return std::nullopt;
    const auto value = number_of(*after);
    if (*anchor != "created_at" || !value || *value < 1 || *value > kMost)
        return fail(Code::invalid_request,
                    fmt::format("'expires_after' needs the anchor created_at and 1 to {} seconds.", kMost),
                    "expires_after");
    return seconds(*value);
}

Result<Upload> read_upload(const server::Exchange& exchange, std::string_view body) {
    const auto boundary = http::multipart_boundary(exchange.head().headers.get("content-type"));
    if (!boundary) return fail(boundary.error());
    const auto parts = http::parse_multipart(body, *boundary);
    if (!parts) return fail(parts.error());
    const auto file = http::only_part(*parts, "file");
    if (!file) return fail(file.error());
    if (!*file) return fail(Code::invalid_request, "The form has no field 'file'.", "file");
    const auto purpose = field(*parts, "purpose");
    if (!purpose) return fail(purpose.error());
    if (!is_purpose(*purpose))
        return fail(Code::invalid_request, "'purpose' must be a word such as \"batch\" or \"user_data\".",
                    "purpose");
    if ((*file)->filename.size() > kNameBytes)
        return fail(Code::invalid_request, fmt::format("A file's name may have {} bytes.", kNameBytes),
                    "file");
    const auto keep = keep_of(*parts);
    if (!keep) return fail(keep.error());
    Upload upload;
    upload.file.filename = (*file)->filename.empty() ? std::string("upload") : (*file)->filename;
    upload.file.purpose = *purpose;
    upload.bytes = (*file)->content;
    upload.keep = *keep;
    return upload;
}

Task<Result<std::string>> create(Resources& resources, server::Exchange& exchange, const Caller& caller) {
    const auto body = co_await exchange.read_body(resources.services.config().server.max_body_bytes);
    if (!body) co_return fail(body.error());
    auto upload = read_upload(exchange, *body);
    if (!upload) co_return fail(std::move(upload.error()));
    upload->file.project = caller.project;
    const auto now = resources.ports.loop.clock().wall();
    auto kept = co_await resources.ports.loop.run_blocking(
        [&] { return resources.files.add(std::move(upload->file), upload->bytes, upload->keep, now); });
    if (!kept) co_return fail(std::move(kept.error()));
    co_return to_json(*kept);
}

Task<Result<std::string>> list(Resources& resources, server::Exchange& exchange, const Caller& caller) {
    const auto query = text::parse_query(exchange.head().query());
    if (!query) co_return fail(query.error());
    const auto purpose = text::find_parameter(*query, "purpose");
    const auto now = resources.ports.loop.clock().wall();
    auto all = co_await resources.ports.loop.run_blocking(
        [&]() -> Result<std::vector<StoredFile>> { return resources.files.list(caller.project, now); });
    if (!all) co_return fail(std::move(all.error()));
    std::vector<Listed> rows;
    for (const auto& file : std::views::reverse(*all)) {
        if (!purpose || file.purpose == *purpose) rows.push_back({file.id, to_json(file)});
    }
    co_return page_of(std::move(rows), exchange.head().query(), 10'000, 10'000);
}

// What somebody uploaded is nobody's page: this is the administration's origin too.
http::HeaderList content_headers(server::Exchange& exchange) {
    http::HeaderList headers;
    headers.append("content-type", "application/octet-stream");
    headers.append("content-disposition", "attachment");
    headers.append("x-content-type-options", "nosniff");
    headers.append("content-security-policy", "sandbox");
    headers.append("x-hearth-request-id", exchange.id());
    return headers;
}

Task<Result<void>> send_content(Resources& resources, server::Exchange& exchange, StoredFile file) {
    const auto read = [&](std::uint64_t offset) {
        return resources.ports.loop.run_blocking(
            [&, offset] { return resources.files.read(file, offset, kPiece); });
    };
    auto piece = co_await read(0);
    if (!piece) co_return fail(std::move(piece.error()));
    if (file.bytes <= kPiece) {
        const auto headers = content_headers(exchange);
        [[maybe_unused]] const auto sent = co_await exchange.respond(200, headers, *piece);
        co_return Result<void>{};
    }
    if (!exchange.start(200, content_headers(exchange))) co_return Result<void>{};
    std::uint64_t at = 0;
    while (piece && !piece->empty()) {
        at += piece->size();
        if (!co_await exchange.write(std::string_view(*piece))) co_return Result<void>{};
        piece = co_await read(at);
    }
    if (!piece || at != file.bytes) {  // deleted meanwhile: what came is not the whole
        co_await exchange.break_off();
        co_return Result<void>{};
    }
    [[maybe_unused]] const auto finished = co_await exchange.finish();
    co_return Result<void>{};
}

Failed wrong_method(std::string_view method, std::string_view takes) {
    return fail(Code::method_not_allowed, fmt::format("This takes {}, not {}.", takes, method));
}

Task<Result<std::string>> one_file(Resources& resources, server::Exchange& exchange, const Caller& caller,
                                   Item item) {
    const auto& method = exchange.head().method;
    const bool content = item.verb == "content";
    if (!item.verb.empty() && !content) co_return fail(Code::not_found, "A file has 'content' and no more.");
    if (method != "GET" && (content || method != "DELETE"))
        co_return wrong_method(method, content ? "GET" : "GET and DELETE");
    const auto now = resources.ports.loop.clock().wall();
    if (method == "DELETE") {
        auto removed = co_await resources.ports.loop.run_blocking(
            [&] { return resources.files.remove(item.id, caller.project, now); });
        if (!removed) co_return fail(std::move(removed.error()));
        std::string out;
        json::Writer(out)
            .begin_object()
            .member("id", item.id)
            .member("object", "file")
            .member("deleted", true)
            .end_object();
        co_return out;
    }
    auto file = co_await resources.ports.loop.run_blocking(
        [&] { return resources.files.find(item.id, caller.project, now); });
    if (!file) co_return fail(std::move(file.error()));
    if (!content) co_return to_json(*file);
    auto sent = co_await send_content(resources, exchange, std::move(*file));
    if (!sent) co_return fail(std::move(sent.error()));
    co_return std::string();  // answered
}

Task<Result<std::string>> ask_files(Resources& resources, server::Exchange& exchange, const Caller& caller) {
    const auto& head = exchange.head();
    auto item = item_of(head.path(), kFiles);
    if (!item) co_return fail(std::move(item.error()));
    if (!item->id.empty()) co_return co_await one_file(resources, exchange, caller, std::move(*item));
    if (head.method == "POST") co_return co_await create(resources, exchange, caller);
    if (head.method == "GET") co_return co_await list(resources, exchange, caller);
    co_return wrong_method(head.method, "GET and POST");
}

}  // namespace

Result<Item> item_of(std::string_view path, std::string_view collection) {
    Item item;
    auto rest = path.substr(std::min(collection.size(), path.size()));
    if (rest.empty() || rest == "/") return item;
    rest.remove_prefix(1);
    const auto slash = rest.find('/');
    item.id = rest.substr(0, slash);
    if (slash != std::string_view::npos) item.verb = rest.substr(slash + 1);
    if (!is_file_id(item.id) || (slash != std::string_view::npos && !is_purpose(item.verb)))
        return fail(Code::not_found, fmt::format("Nothing is under that path of {}.", collection));
    return item;
}

Result<std::string> page_of(std::vector<Listed> rows, std::string_view query, std::size_t usual,
                            std::size_t most) {
    const auto parameters = text::parse_query(query);
    if (!parameters) return fail(parameters.error());
    const auto asked = text::find_parameter(*parameters, "limit");
    const auto limit = asked ? number_of(*asked) : static_cast<std::int64_t>(usual);
    if (!limit || *limit < 1 || *limit > static_cast<std::int64_t>(most))
        return fail(Code::invalid_request, fmt::format("'limit' must be a number from 1 to {}.", most),
                    "limit");
    if (text::find_parameter(*parameters, "order") == "asc") std::ranges::reverse(rows);
    auto from = rows.begin();
    if (const auto after = text::find_parameter(*parameters, "after")) {
        from = std::ranges::find(rows, *after, &Listed::id);
        if (from == rows.end())
            return fail(Code::invalid_request, "'after' must be the id of something in the list.", "after");
        ++from;
    }
    const auto left = static_cast<std::int64_t>(rows.end() - from);
    const std::span page(from, static_cast<std::size_t>(std::min(left, *limit)));
    std::string out;
    json::Writer w(out);
    w.begin_object().member("object", "list").key("data").begin_array();
    for (const auto& row : page) w.raw(row.json);
    w.end_array();
    if (!page.empty()) w.member("first_id", page.front().id).member("last_id", page.back().id);
    w.member("has_more", left > *limit).end_object();
    return out;
}

Task<void> answer_files(Resources& resources, server::Exchange& exchange, Caller caller, Ingress ingress) {
    if (exchange.head().headers.contains(kProviderHeader)) {
        co_await proxy_to_provider(resources, exchange, std::move(caller), std::move(ingress), kFiles);
        co_return;
    }
    auto answer = co_await ask_files(resources, exchange, caller);
    if (!answer) {
        co_await gateway::reply_error(resources.services, exchange, std::move(answer.error()));
    } else if (!answer->empty()) {
        co_await gateway::reply_json(resources.services, exchange, 200, std::move(*answer));
    }
}

}  // namespace hearth::resources

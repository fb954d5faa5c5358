#include "resources/batches/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "resources/files/store.h"
#include "text/json_require.h"
#include "text/json_writer.h"

namespace hearth::resources {

namespace {

constexpr std::array<std::string_view, 8> kStatusNames = {
    "validating", "failed", "in_progress", "finalizing", "completed", "expired", "cancelling", "cancelled"};

struct Moment {
    std::string_view name;
    std::int64_t Batch::* at;
};
constexpr Moment kMoments[] = {
    {"created_at", &Batch::created_at},     {"in_progress_at", &Batch::in_progress_at},
    {"expires_at", &Batch::expires_at},     {"finalizing_at", &Batch::finalizing_at},
    {"completed_at", &Batch::completed_at}, {"failed_at", &Batch::failed_at},
    {"expired_at", &Batch::expired_at},     {"cancelling_at", &Batch::cancelling_at},
    {"cancelled_at", &Batch::cancelled_at},
};

// What a line may ask: the paths whose answer is JSON.
constexpr std::string_view kEndpoints[] = {"/v1/chat/completions",  "/v1/responses", "/v1/embeddings",
                                           "/v1/completions",       "/v1/rerank",    "/v1/messages",
                                           "/v1/images/generations"};

void write_text(json::Writer& w, std::string_view name, const std::string& text) {
    if (text.empty()) {
        w.member_raw(name, "null");
    } else {
        w.member(name, text);
    }
}

void write_problems(json::Writer& w, const Batch& batch) {
    if (batch.problems.empty()) {
        w.member_raw("errors", "null");
        return;
    }
    w.key("errors").begin_object().member("object", "list").key("data").begin_array();
    for (const auto& problem : batch.problems) {
        w.begin_object().member("code", problem.code).member("message", problem.message);
        w.member_raw("param", "null");
        if (problem.line == 0) {
            w.member_raw("line", "null");
        } else {
            w.member("line", problem.line);
        }
        w.end_object();
    }
    w.end_array().end_object();
}

void write_owner(json::Writer& w, const Batch& batch) {
    w.key("hearth").begin_object();
    w.member("project", batch.owner.project).member("key", batch.owner.key);
    w.member("client", batch.owner.client).member("hops", batch.owner.hops);
    w.member("ending", status_name(batch.ending)).member("keep_results_s", batch.keep_results_s);
    w.end_object();
}

std::optional<BatchStatus> status_from(std::string_view name) {
    const auto at = std::ranges::find(kStatusNames, name);
    if (at == kStatusNames.end()) return std::nullopt;
    return static_cast<BatchStatus>(at - kStatusNames.begin());
}

Result<void> check_metadata(json::Value metadata) {
    const bool fits = metadata.size() <= 16 && [&] {
        for (const auto member : metadata.members()) {
            if (member.key().size() > 64 || !member.value.is_string() ||
                member.value.as_string().size() > 512)
                return false;
        }
        return true;
    }();
    if (fits) return {};
    return fail(Code::invalid_request,
                "'metadata' may have 16 strings of at most 512 bytes, under names of at most 64.",
                "metadata");
}

Result<std::int64_t> keep_of(json::Value expires) {
    if (!expires) return 0;
    const auto after =
        json::require_int(expires, "seconds", {.min = 1, .max = 365 * 86'400}, "output_expires_after");
    if (!after) return fail(after.error());
    return *after;
}

}  // namespace

std::string_view status_name(BatchStatus status) {
    return kStatusNames[static_cast<std::size_t>(status)];
}

bool is_over(BatchStatus status) {
    using enum BatchStatus;
    return status == failed || status == completed || status == expired || status == cancelled;
}

std::string to_json(const Batch& batch, bool with_owner) {
    std::string out;
    json::Writer w(out);
    w.begin_object().member("id", batch.id).member("object", "batch").member("endpoint", batch.endpoint);
    write_problems(w, batch);
    w.member("input_file_id", batch.input_file_id).member("completion_window", "24h");
    w.member("status", status_name(batch.status));
    // The names of files that are not there yet are no use to anybody but us.
    const bool named = with_owner || is_over(batch.status);
    write_text(w, "output_file_id", named ? batch.output_file_id : std::string());
    write_text(w, "error_file_id", named ? batch.error_file_id : std::string());
    for (const auto& moment : kMoments) {
        if (batch.*moment.at != 0) {
            w.member(moment.name, batch.*moment.at);
        } else {
            w.member_raw(moment.name, "null");
        }
    }
    w.key("request_counts").begin_object().member("total", batch.total);
    w.member("completed", batch.completed).member("failed", batch.failed).end_object();
    w.member_raw("metadata", batch.metadata.empty() ? std::string_view("null") : batch.metadata);
    if (with_owner) write_owner(w, batch);
    w.end_object();
    return out;
}

Result<Batch> read_batch(std::string_view text) {
    json::Document document;
    const auto root = document.parse(text);
    if (!root) return fail(Code::corrupt, "A batch's file is no JSON.");
    const auto status = status_from((*root)["status"].as_string());
    const auto owner = (*root)["hearth"];
    const auto ending = status_from(owner["ending"].as_string());
    Batch batch;
    batch.id = (*root)["id"].as_string();
    if (!status || !ending || !is_file_id(batch.id))
        return fail(Code::corrupt, "A batch's file has no status or no id.");
    batch.status = *status;
    batch.ending = *ending;
    batch.endpoint = (*root)["endpoint"].as_string();
    batch.input_file_id = (*root)["input_file_id"].as_string();
    batch.output_file_id = (*root)["output_file_id"].as_string();
    batch.error_file_id = (*root)["error_file_id"].as_string();
    if ((*root)["metadata"].is_object()) batch.metadata = (*root)["metadata"].raw();
    for (const auto& moment : kMoments) batch.*moment.at = (*root)[moment.name].as_int().value_or(0);
    const auto counts = (*root)["request_counts"];
    batch.total = counts["total"].as_int().value_or(0);
    batch.completed = counts["completed"].as_int().value_or(0);
    batch.failed = counts["failed"].as_int().value_or(0);
    for (const auto problem : (*root)["errors"]["data"].elements()) {
        batch.problems.push_back({std::string(problem["code"].as_string()),
                                  std::string(problem["message"].as_string()),
                                  problem["line"].as_int().value_or(0)});
    }
    batch.owner.project = owner["project"].as_string();
    batch.owner.key = owner["key"].as_string();
    batch.owner.client = owner["client"].as_string();
    batch.owner.hops = static_cast<int>(owner["hops"].as_int().value_or(0));
    batch.keep_results_s = owner["keep_results_s"].as_int().value_or(0);
    return batch;
}

Result<Batch> read_batch_request(const json::Document& document) {
    const auto root = document.root();
    const auto file = json::require_string(root, "input_file_id");
    if (!file) return fail(file.error());
    const auto endpoint = json::require_string(root, "endpoint");
    if (!endpoint) return fail(endpoint.error());
    const auto window = json::require_string(root, "completion_window");
    if (!window) return fail(window.error());
    const auto metadata = json::optional_object(root, "metadata");
    if (!metadata) return fail(metadata.error());
    const auto expires = json::optional_object(root, "output_expires_after");
    if (!expires) return fail(expires.error());
    if (std::ranges::find(kEndpoints, *endpoint) == std::end(kEndpoints))
        return fail(Code::invalid_request,
                    "'endpoint' must be one whose answer is JSON: /v1/chat/completions, /v1/responses, "
                    "/v1/embeddings, /v1/completions, /v1/rerank, /v1/messages or /v1/images/generations.",
                    "endpoint");
    if (*window != "24h")
        return fail(Code::invalid_request, "'completion_window' must be \"24h\".", "completion_window");
    if (auto fits = check_metadata(*metadata); !fits) return fail(fits.error());
    const auto keep = keep_of(*expires);
    if (!keep) return fail(keep.error());
    Batch batch;
    batch.endpoint = *endpoint;
    batch.input_file_id = *file;
    if (*metadata) batch.metadata = metadata->raw();
    batch.keep_results_s = *keep;
    return batch;
}

}  // namespace hearth::resources

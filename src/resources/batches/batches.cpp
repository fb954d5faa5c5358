#include "resources/batches/batches.h"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/reply.h"
#include "pipeline/pipeline.h"
#include "resources/files/endpoints.h"
#include "resources/files/store.h"
#include "text/json_writer.h"

namespace hearth::resources {

namespace {

constexpr std::string_view kBatches = "/v1/batches";

std::int64_t now_s(Resources& resources) {
    return std::chrono::duration_cast<seconds>(resources.ports.loop.clock().wall().time_since_epoch())
        .count();
}

Failed not_found(std::string_view id) {
    return fail(Code::not_found, fmt::format("No batch found with id '{}'.", id.substr(0, 100)), "batch_id");
}

}  // namespace

const Batch* Batches::find(std::string_view id, std::string_view project) const {
    const auto at = batches_.find(id);
    return at == batches_.end() || at->second.owner.project != project ? nullptr : &at->second;
}

std::vector<const Batch*> Batches::list(std::string_view project) const {
    std::vector<const Batch*> out;
    for (const auto& [id, batch] : batches_) {
        if (batch.owner.project == project) out.push_back(&batch);
    }
    std::ranges::sort(out, std::greater{},
                      [](const Batch* batch) { return std::pair(batch->created_at, batch->id); });
    return out;
}

Task<Result<void>> Batches::save_as(Resources& resources, std::string id, std::uint64_t number,
                                    std::string text) {
    co_return co_await resources.ports.loop.run_blocking([&] { return folder_.save(id, number, text); });
}

Task<Result<Batch>> Batches::create(Resources& resources, Batch batch) {
    if (batches_.size() >= kMost)
        co_return fail(Code::too_large,
                       fmt::format("{} batches are kept here, which is all: delete some (DELETE "
                                   "/v1/batches/ID).",
                                   kMost));
    const auto now = resources.ports.loop.clock().wall();
    const auto input = co_await resources.ports.loop.run_blocking(
        [&] { return resources.files.find(batch.input_file_id, batch.owner.project, now); });
    if (!input) co_return fail(input.error());
    batch.id = make_id("batch_", system_random());
    batch.created_at = now_s(resources);
    batch.expires_at = batch.created_at + kBatchWindow_s;
    auto saved = co_await save(resources, batch);
    if (!saved) co_return fail(std::move(saved.error()));
    batches_.insert_or_assign(batch.id, batch);
    wake();
    co_return batch;
}

Task<Result<Batch>> Batches::cancel(Resources& resources, std::string id, std::string project) {
    const auto at = batches_.find(id);
    if (at == batches_.end() || at->second.owner.project != project) co_return not_found(id);
    auto& batch = at->second;
    if (is_over(batch.status) || batch.status == BatchStatus::finalizing)
        co_return fail(Code::conflict,
                       fmt::format("The batch is {} and cannot be cancelled.", status_name(batch.status)));
    if (batch.status != BatchStatus::cancelling) {
        batch.status = BatchStatus::cancelling;
        batch.cancelling_at = now_s(resources);
    }
    const auto copy = batch;
    auto saving = save(resources, batch);  // numbered before its end, which the next line may bring about
    if (working_ == &batch && cancelling_) {
        Error reason;
        reason.code = Code::cancelled;
        reason.message = "the batch was cancelled";
        cancelling_->stop(std::move(reason));
    }
    auto saved = co_await std::move(saving);
    if (!saved) co_return fail(std::move(saved.error()));
    co_return copy;
}

Task<Result<void>> Batches::remove(Resources& resources, std::string id, std::string project) {
    const auto* batch = find(id, project);
    if (!batch) co_return not_found(id);
    if (!is_over(batch->status) || batch == working_)
        co_return fail(Code::conflict,
                       fmt::format("The batch is {}: cancel it first.", status_name(batch->status)));
    batches_.erase(id);
    co_return co_await resources.ports.loop.run_blocking([&]() -> Result<void> {
        folder_.remove(id);
        return {};
    });
}

Task<void> Batches::remove_expired(Resources& resources) {
    std::vector<const Batch*> old;
    for (const auto& [id, batch] : batches_) {
        if (is_over(batch.status) && batch.created_at + keep_.count() <= now_s(resources))
            old.push_back(&batch);
    }
    std::vector<std::pair<std::string, std::string>> names;
    for (const auto* batch : old) names.emplace_back(batch->id, batch->owner.project);
    for (auto& [id, project] : names) {
        [[maybe_unused]] const auto removed = co_await remove(resources, id, project);
    }
}

Task<void> Batches::load(Resources& resources) {
    auto found = co_await resources.ports.loop.run_blocking([&]() -> Result<std::vector<Batch>> {
        auto all = folder_.load();
        // Results that were made files just before a crash.
        for (const auto& batch : all) {
            if (is_over(batch.status)) folder_.remove_results(batch.id);
        }
        return all;
    });
    if (!found) co_return;
    for (auto& batch : *found) batches_.try_emplace(batch.id, std::move(batch));
}

Batch* Batches::next_unfinished() {
    Batch* next = nullptr;
    for (auto& [id, batch] : batches_) {
        if (!is_over(batch.status) && (!next || batch.created_at < next->created_at)) next = &batch;
    }
    return next;
}

// ---- what clients ask

namespace {

Task<Result<std::string>> create(Resources& resources, server::Exchange& exchange, Caller caller) {
    const auto body = co_await exchange.read_body(resources.services.config().server.max_body_bytes);
    if (!body) co_return fail(body.error());
    json::Document document;
    if (const auto root = document.parse(*body); !root) co_return fail(root.error());
    auto batch = read_batch_request(document);
    if (!batch) co_return fail(std::move(batch.error()));
    batch->owner = std::move(caller);
    auto made = co_await resources.batches.create(resources, std::move(*batch));
    if (!made) co_return fail(std::move(made.error()));
    co_return to_json(*made);
}

Result<std::string> list(Resources& resources, server::Exchange& exchange, const Caller& caller) {
    std::vector<Listed> rows;
    for (const auto* batch : resources.batches.list(caller.project))
        rows.push_back({batch->id, to_json(*batch)});
    return page_of(std::move(rows), exchange.head().query(), 20, 100);
}

Task<Result<std::string>> one(Resources& resources, server::Exchange& exchange, const Caller& caller,
                              Item item) {
    const auto& method = exchange.head().method;
    if (item.verb == "cancel" && method == "POST") {
        auto batch = co_await resources.batches.cancel(resources, item.id, caller.project);
        if (!batch) co_return fail(std::move(batch.error()));
        co_return to_json(*batch);
    }
    if (item.verb.empty() && method == "DELETE") {
        auto removed = co_await resources.batches.remove(resources, item.id, caller.project);
        if (!removed) co_return fail(std::move(removed.error()));
        std::string out;
        json::Writer(out)
            .begin_object()
            .member("id", item.id)
            .member("object", "batch")
            .member("deleted", true)
            .end_object();
        co_return out;
    }
    if (!item.verb.empty() || method != "GET")
        co_return fail(Code::method_not_allowed, "A batch takes GET, DELETE and POST .../cancel.");
    const auto* batch = resources.batches.find(item.id, caller.project);
    if (!batch) co_return not_found(item.id);
    co_return to_json(*batch);
}

Task<Result<std::string>> ask_batches(Resources& resources, server::Exchange& exchange, Caller caller) {
    const auto& head = exchange.head();
    auto item = item_of(head.path(), kBatches);
    if (!item) co_return fail(std::move(item.error()));
    if (!item->id.empty()) co_return co_await one(resources, exchange, caller, std::move(*item));
    if (head.method == "POST") co_return co_await create(resources, exchange, std::move(caller));
    if (head.method == "GET") co_return list(resources, exchange, caller);
    co_return fail(Code::method_not_allowed, "/v1/batches takes GET and POST.");
}

}  // namespace

Task<void> proxy_to_provider(Resources& resources, server::Exchange& exchange, Caller caller, Ingress ingress,
                             std::string_view collection) {
    const auto& head = exchange.head();
    if (auto item = item_of(head.path(), collection); !item) {
        co_await gateway::reply_error(resources.services, exchange, std::move(item.error()));
        co_return;
    }
    ingress.provider = head.headers.get(kProviderHeader);
    if (ingress.provider.empty()) {
        auto empty = fail(Code::invalid_request, "x-hearth-provider must name a provider.");
        co_await gateway::reply_error(resources.services, exchange, std::move(empty.error()));
        co_return;
    }
    co_await pipeline::handle(resources.ports, exchange, std::move(caller), std::move(ingress));
}

Task<void> answer_batches(Resources& resources, server::Exchange& exchange, Caller caller, Ingress ingress) {
    if (exchange.head().headers.contains(kProviderHeader)) {
        co_await proxy_to_provider(resources, exchange, std::move(caller), std::move(ingress), kBatches);
        co_return;
    }
    auto answer = co_await ask_batches(resources, exchange, std::move(caller));
    if (answer) {
        co_await gateway::reply_json(resources.services, exchange, 200, std::move(*answer));
    } else {
        co_await gateway::reply_error(resources.services, exchange, std::move(answer.error()));
    }
}

}  // namespace hearth::resources

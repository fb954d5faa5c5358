#include "resources/responses/store.h"

#include <fmt/format.h>

#include <algorithm>

namespace hearth::resources {

namespace {

std::size_t bytes_of(const std::vector<std::string>& texts) {
    std::size_t sum = 0;
    for (const auto& text : texts) sum += text.size() + sizeof text;
    return sum;
}

}  // namespace

Failed no_such_response(std::string_view id) {
    return fail(Code::not_found, fmt::format("Previous response with id '{}' not found.", id.substr(0, 100)),
                "previous_response_id");
}

std::size_t StoredResponse::bytes() const {
    return sizeof *this + id.size() + project.size() + body.size() + bytes_of(input) + bytes_of(output);
}

std::vector<std::string> StoredResponse::conversation() const {
    auto out = input;
    out.insert(out.end(), output.begin(), output.end());
    return out;
}

Task<void> MemoryResponses::put(StoredResponse response) {
    expire();
    const auto size = response.bytes();
    if (size > options_.bytes) co_return;
    if (const auto old = by_id_.find(response.id); old != by_id_.end()) drop(old->second);
    while (bytes_ + size > options_.bytes) drop(line_.begin());
    bytes_ += size;
    line_.push_back({std::move(response), clock_.wall() + options_.keep});
    by_id_.emplace(line_.back().response.id, std::prev(line_.end()));
}

void MemoryResponses::drop(Line::iterator at) {
    bytes_ -= at->response.bytes();
    by_id_.erase(at->response.id);
    line_.erase(at);
}

void MemoryResponses::expire() {
    const auto now = clock_.wall();
    while (!line_.empty() && line_.front().until <= now) drop(line_.begin());
}

const StoredResponse* MemoryResponses::look_up(std::string_view id, std::string_view project) {
    expire();
    const auto at = by_id_.find(id);
    if (at == by_id_.end() || at->second->response.project != project) return nullptr;
    return &at->second->response;
}

Task<Result<StoredResponse>> MemoryResponses::find(std::string id, std::string project) {
    const auto* found = look_up(id, project);
    if (!found) co_return no_such_response(id);
    co_return *found;
}

Task<Result<void>> MemoryResponses::remove(std::string id, std::string project) {
    if (!look_up(id, project)) co_return no_such_response(id);
    drop(by_id_.find(id)->second);
    co_return Result<void>{};
}

Task<void> MemoryResponses::remove_expired() {
    expire();
    co_return;
}

}  // namespace hearth::resources

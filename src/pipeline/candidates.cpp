#include "pipeline/candidates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace hearth::pipeline {

Candidates::Candidates(const route::Plan& plan, std::size_t most)
    : plan_(plan), count_(std::min(plan.steps.size(), most)) {
    assert(count_ > 0);  // the router gives at least one, or an error
}

Candidates::Next Candidates::current() const {
    if (at_ >= count_) return {};
    return {&plan_.steps[at_], without_opaque_};
}

bool Candidates::failed(provider::Failure failure) {
    using provider::RetryAction;
    assert(at_ < count_);
    if (failure.action == RetryAction::without_opaque && !without_opaque_) {
        without_opaque_ = true;
        return true;
    }
    without_opaque_ = false;
    // The request itself is at fault: no other candidate is asked, and this refusal is the answer.
    const bool last = failure.action != RetryAction::next_candidate;
    if (last) failures_.clear();
    failures_.push_back({plan_.steps[at_].model->full_name(), std::move(failure.error)});
    at_ = last ? count_ : at_ + 1;
    return at_ < count_;
}

Error Candidates::summary() {
    assert(!failures_.empty());
    if (failures_.size() == 1) return std::move(failures_.front().error);
    Error all = failures_.front().error;
    all.upstream_body.clear();
    all.message = fmt::format("All {} candidates failed:", failures_.size());
    for (const auto& failure : failures_) {
        all.message += fmt::format(" {}: {}", failure.who, failure.error.message);
        if (failure.error.retry_after_ms)
            all.retry_after_ms =
                std::min(all.retry_after_ms.value_or(INT64_MAX), *failure.error.retry_after_ms);
    }
    return all;
}

}  // namespace hearth::pipeline

#include "text/ndjson.h"

#include <fmt/format.h>

namespace hearth::text {
namespace {

std::string_view without_cr(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

void LineDecoder::feed(std::string_view bytes) {
    input_ = bytes;
}

void LineDecoder::reset() {
    input_ = {};
    pending_.clear();
    pending_done_ = false;
    failed_ = false;
}

std::string_view LineDecoder::unfinished() const {
    return pending_done_ || failed_ ? std::string_view{} : without_cr(pending_);
}

Result<bool> LineDecoder::next(std::string_view& line) {
    const auto too_large = [&] {
        failed_ = true;
        auto error = fail(Code::upstream_broken,
                          fmt::format("A line of the stream is larger than the limit of {} bytes.", max_));
        error.error()->limit = static_cast<std::int64_t>(max_);
        return error;
    };
    if (failed_) return too_large();
    if (pending_done_) {
        pending_.clear();
        pending_done_ = false;
    }
    while (!input_.empty()) {
        const std::size_t lf = input_.find('\n');
        const bool found = lf != std::string_view::npos;
        const std::size_t piece = found ? lf : input_.size();
        if (pending_.size() + piece > max_) return too_large();
        std::string_view whole = input_.substr(0, piece);
        if (!found || !pending_.empty()) whole = pending_.append(whole);
        input_.remove_prefix(found ? piece + 1 : piece);
        if (!found) break;
        line = without_cr(whole);
        if (!line.empty()) {
            pending_done_ = true;
            return true;
        }
        pending_.clear();
    }
    return false;
}

}  // namespace hearth::text

#include "models/download.h"

#include <fmt/format.h>

#include <charconv>

#include "models/files.h"
#include "models/memory.h"

namespace hearth::models {
namespace {

constexpr std::size_t kPieceBytes = 4 << 20;         // written and hashed at a time, off the loop's thread
constexpr std::uint64_t kDiskReserve = 64ULL << 20;  // left free for the ledger and other programs
constexpr std::uint64_t kHashBytes = 256ULL << 20;   // hashed between two checks of the stop token

// The source without its query: signed URLs change from one redirect to the next.
std::string key_of(const Wanted& wanted) {
    if (!wanted.sha256.empty()) return wanted.sha256;
    const auto path = wanted.url.target.substr(0, wanted.url.target.find('?'));
    return to_hex(sha256(fmt::format("{}://{}{}", wanted.url.scheme, wanted.url.authority(), path)));
}

struct ContentRange {
    std::uint64_t from = 0, total = 0;  // total 0: "*"
};
// "bytes 100-199/1000" (RFC 9110 section 14.4).
std::optional<ContentRange> parse_content_range(std::string_view text) {
    if (!text.starts_with("bytes ")) return std::nullopt;
    text.remove_prefix(6);
    ContentRange range;
    const auto* end = text.data() + text.size();
    auto at = std::from_chars(text.data(), end, range.from);
    if (at.ec != std::errc() || at.ptr == end || *at.ptr != '-') return std::nullopt;
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    std::from_chars(text.data() + slash + 1, end, range.total);
    return range;
}

bool is_retryable(const Error& error) {
    switch (error.code) {
        case Code::upstream_broken:
        case Code::upstream_timeout:
        case Code::upstream_connect:
        case Code::upstream_failed:
            return true;
        default:
            return false;
    }
}

Failed wrong_length(const Wanted& wanted, std::uint64_t got) {
    auto error = fail(Code::corrupt, fmt::format("{} should have {} bytes, but {} were received", wanted.name,
                                                 wanted.bytes, got));
    error.error()->needed = static_cast<std::int64_t>(wanted.bytes);
    error.error()->limit = static_cast<std::int64_t>(got);
    return error;
}

Failed too_large(const Wanted& wanted, const PullOptions& options) {
    auto error = fail(Code::too_large, fmt::format("{} is larger than the limit of {}", wanted.name,
                                                   human_bytes(options.max_bytes)));
    error.error()->limit = static_cast<std::int64_t>(options.max_bytes);
    return error;
}

}  // namespace

Result<void> check_disk(const std::string& folder, std::uint64_t missing, const PullOptions& options) {
    const auto free = options.free_bytes > 0 ? options.free_bytes : free_bytes_at(folder);
    if (missing == 0 || missing + kDiskReserve <= free) return {};
    auto error =
        fail(Code::storage,
             fmt::format("{} more are needed on the disk under {}, but {} are free. Free some space, or set "
                         "HEARTH_HOME to another disk",
                         human_bytes(missing), folder, human_bytes(free)));
    error.error()->needed = static_cast<std::int64_t>(missing);
    error.error()->limit = static_cast<std::int64_t>(free);
    return error;
}

std::uint64_t Download::bytes_there(const std::string& folder, const Wanted& wanted) {
    return file_size(fmt::format("{}/{}.part", folder, key_of(wanted))).value_or(0);
}

// Resumes the partial file; starts over if the server does not support it.
Task<Result<void>> Download::attempt(Wanted& wanted, PartFile& part, StopToken stop) {
    if (wanted.bytes > 0 && part.size() == wanted.bytes) co_return Result<void>{};
    // Without an ETag, only a known checksum makes it safe to join two downloads.
    const bool resume = part.size() > 0 && (!part.etag().empty() || !wanted.sha256.empty()) &&
                        (wanted.bytes == 0 || part.size() < wanted.bytes);
    std::optional<Range> range;
    if (resume) range = Range{part.size(), part.etag()};
    auto fetched = co_await fetcher_.get(wanted.url, range, stop);
    if (!fetched) co_return fail(fetched.error());
    auto& response = *fetched->response;
    if (wanted.sha256.empty()) wanted.sha256 = fetched->linked_sha256;
    if (wanted.bytes == 0) wanted.bytes = fetched->linked_bytes;
    if (response.status() == 206 && resume) {
        const auto got = parse_content_range(response.headers().get("content-range"));
        if (!got || got->from != part.size() ||
            (wanted.bytes > 0 && got->total > 0 && got->total != wanted.bytes)) {
            if (auto emptied = part.restart({}); !emptied) co_return emptied;
            co_return fail(Code::upstream_failed,
                           fmt::format("{} was sent with a different range than requested", wanted.name));
        }
        if (wanted.bytes == 0) wanted.bytes = got->total;
        co_return co_await receive(response, wanted, part, stop);
    }
    if (response.status() == 416) {
        if (auto emptied = part.restart({}); !emptied) co_return emptied;
        co_return fail(Code::upstream_failed,
                       fmt::format("{} is shorter on the server than the part fetched before", wanted.name));
    }
    if (response.status() != 200) {
        co_return fail(Code::upstream_failed,
                       fmt::format("{} was answered with {}", wanted.name, response.status()));
    }
    const auto length = response.headers().find_number("content-length");
    if (length && wanted.bytes > 0 && *length != wanted.bytes) co_return wrong_length(wanted, *length);
    if (length && wanted.bytes == 0) {  // the size was unknown before
        wanted.bytes = *length;
        if (options_.max_bytes > 0 && *length > options_.max_bytes) co_return too_large(wanted, options_);
        if (auto room = check_disk(folder_, *length, options_); !room) co_return room;
    }
    if (auto emptied = part.restart(std::string(response.headers().get("etag"))); !emptied) co_return emptied;
    co_return co_await receive(response, wanted, part, stop);
}

Task<Result<void>> Download::receive(client::Response& response, Wanted& wanted, PartFile& part,
                                     StopToken stop) {
    if (summed_ > part.size()) {
        sum_ = Sha256();
        summed_ = 0;
    }
    std::string piece;
    const auto most = wanted.bytes > 0         ? wanted.bytes
                      : options_.max_bytes > 0 ? options_.max_bytes
                                               : UINT64_MAX;
    for (bool more = true; more;) {
        auto bytes = co_await response.read();
        if (bytes) piece += *bytes;
        more = bytes && !bytes->empty();
        if (part.size() + piece.size() > most) {
            if (wanted.bytes == 0) co_return too_large(wanted, options_);
            co_return wrong_length(wanted, part.size() + piece.size());
        }
        if (part.size() == 0 && piece.size() >= 4 && !piece.starts_with("GGUF")) {
            co_return fail(Code::corrupt, fmt::format("{} is not a GGUF file", wanted.name));
        }
        if (piece.size() >= kPieceBytes || (!more && !piece.empty())) {
            auto written = co_await loop_.run_blocking([&]() -> Result<void> {
                const bool in_order = summed_ == part.size();
                if (auto done = part.append(piece); !done) return done;
                if (in_order) {
                    sum_.update(piece);
                    summed_ = part.size();
                }
                return {};
            });
            piece.clear();
            if (!written) co_return written;
        }
        report_(Stage::download, part.size() + piece.size());
        if (!bytes) co_return fail(bytes.error());
        if (stop.stopped()) co_return fail(stop.reason());
    }
    if (wanted.bytes > 0 && part.size() != wanted.bytes) {
        co_return fail(Code::upstream_broken,
                       fmt::format("{} ended after {} of {} bytes", wanted.name, part.size(), wanted.bytes));
    }
    co_return Result<void>{};
}

// The hash of the whole file: the part hashed while downloading and the part that existed before.
Task<Result<Sha256>> Download::hash_part(PartFile& part, StopToken stop) {
    while (summed_ < part.size()) {
        if (stop.stopped()) co_return fail(stop.reason());
        auto done = co_await loop_.run_blocking(
            [&] { return part.hash(sum_, summed_, std::min(kHashBytes, part.size() - summed_)); });
        if (!done) co_return fail(done.error());
        if (*done == 0) break;
        summed_ += *done;
        report_(Stage::verify, summed_);
    }
    co_return sum_;
}

Task<Result<ModelFile>> Download::run(Wanted wanted, StopToken stop) {
    sum_ = Sha256();
    summed_ = 0;
    auto part = PartFile::open(folder_, key_of(wanted));
    if (!part) co_return fail(part.error());
    if (wanted.bytes > 0 && part->size() > wanted.bytes) {
        if (auto emptied = part->restart({}); !emptied) co_return fail(emptied.error());
    }
    auto wait = options_.retry_first;
    for (int left = options_.attempts;;) {
        const auto before = part->size();
        auto done = co_await attempt(wanted, *part, stop);
        if (done) break;
        if (stop.stopped()) co_return fail(stop.reason());
        if (done.error()->code == Code::corrupt) part->discard();
        if (part->size() > before) {
            left = options_.attempts;
            wait = options_.retry_first;
        }
        if (!is_retryable(done.error()) || --left <= 0) co_return fail(done.error());
        co_await loop_.sleep(wait, stop);
        wait = std::min<milliseconds>(wait * 2, milliseconds(30'000));
    }
    auto sum = co_await hash_part(*part, stop);
    if (!sum) co_return fail(sum.error());
    const auto hex = to_hex(sum->finish());
    if (!wanted.sha256.empty() && hex != wanted.sha256) {
        part->discard();
        co_return fail(Code::corrupt,
                       fmt::format("{} is damaged: its SHA-256 is {}, but should be {}. It was deleted; "
                                   "pull again",
                                   wanted.name, hex, wanted.sha256));
    }
    auto synced = co_await loop_.run_blocking([&] { return part->sync(); });
    if (!synced) co_return fail(synced.error());
    part->forget_state();
    co_return ModelFile{part->path(), wanted.name, hex, part->size()};
}

}  // namespace hearth::models

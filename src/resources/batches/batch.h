#pragma once
// A batch and the lines of its input file, as data. Format: developers.openai.com/api/reference/resources/batches and
// .../docs/guides/batch.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pipeline/caller.h"
#include "text/json.h"

namespace hearth::resources {

inline constexpr std::size_t kBatchLines = 50'000;
inline constexpr std::int64_t kBatchWindow_s = 86'400;  // "24h", the only window there is

enum class BatchStatus : std::uint8_t {
    validating,
    failed,
    in_progress,
    finalizing,
    completed,
    expired,
    cancelling,
    cancelled
};
[[nodiscard]] std::string_view status_name(BatchStatus status);
[[nodiscard]] bool is_over(BatchStatus status);

struct BatchProblem {
    std::string code, message;
    std::int64_t line = 0;  // from 1; 0: of the file
};

struct Batch {
    std::string id;
    pipeline::Caller owner;                         // whose requests its lines are
    std::string endpoint, input_file_id, metadata;  // metadata: JSON, empty: none
    BatchStatus status = BatchStatus::validating;
    BatchStatus ending = BatchStatus::completed;  // what finalizing leads to
    std::string output_file_id, error_file_id;    // drawn when it is finalized
    std::vector<BatchProblem> problems;
    std::int64_t total = 0, completed = 0, failed = 0;
    std::int64_t keep_results_s = 0;  // output_expires_after; 0: as every file
    // When it came to be so, seconds since 1970; 0: it did not.
    std::int64_t created_at = 0, in_progress_at = 0, expires_at = 0, finalizing_at = 0, completed_at = 0,
                 failed_at = 0, expired_at = 0, cancelling_at = 0, cancelled_at = 0;

    [[nodiscard]] std::int64_t done() const { return completed + failed; }
};

// OpenAI's batch object. `with_owner`: as it lies on disk.
[[nodiscard]] std::string to_json(const Batch& batch, bool with_owner = false);
// What to_json(batch, true) wrote. Error: corrupt.
[[nodiscard]] Result<Batch> read_batch(std::string_view json);
// The body of POST /v1/batches. Error: invalid_request.
[[nodiscard]] Result<Batch> read_batch_request(const json::Document& document);

struct BatchLine {
    std::string custom_id;
    std::string body;  // the request, JSON
};
// {"custom_id","method","url","body"}. Error: what is wrong with it; Error::param is the code in OpenAI's words.
[[nodiscard]] Result<BatchLine> read_line(std::string_view line, std::string_view endpoint);

// Where the lines of an input file lie, blank ones left out, and what is wrong with them (the first kProblems).
struct BatchInput {
    struct Place {
        std::uint64_t offset = 0;
        std::size_t size = 0;
    };
    static constexpr std::size_t kProblems = 20;
    std::vector<Place> lines;
    std::vector<BatchProblem> problems;
};
// `read` gives the bytes from an offset on, empty at the end; a line may have `line_bytes`.
using ReadPiece = std::function<Result<std::string>(std::uint64_t offset)>;
[[nodiscard]] Result<BatchInput> read_input(const ReadPiece& read, std::string_view endpoint,
                                            std::size_t line_bytes);

// One line of a result file, with its end. `status` 0: there was no answer, and `code` and `message` say why.
struct LineResult {
    std::string custom_id, request_id;
    int status = 0;
    std::string body;  // of the answer; what is no JSON becomes an error
    std::string code, message;
    [[nodiscard]] bool good() const { return status >= 200 && status < 300; }
};
[[nodiscard]] std::string to_line(const LineResult& result);

}  // namespace hearth::resources

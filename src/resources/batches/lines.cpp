// The lines of a batch: what is asked, and what was answered.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "resources/batches/batch.h"
#include "text/json_writer.h"

namespace hearth::resources {

namespace {

constexpr std::size_t kCustomIdBytes = 512;

Failed wrong(std::string_view code, std::string_view message) {
    return fail(Code::invalid_request, message, code);
}

class InputReader {
  public:
    InputReader(std::string_view endpoint, std::size_t line_bytes)
        : endpoint_(endpoint), line_bytes_(line_bytes) {}

    void feed(std::string_view bytes) {
        while (!bytes.empty() && !full_) {
            const auto end = bytes.find('\n');
            const auto part = bytes.substr(0, end);
            if (line_.size() + part.size() > line_bytes_) {
                too_long_ = true;
                size_ += part.size();
            } else {
                line_.append(part);
                size_ += part.size();
            }
            if (end == std::string_view::npos) return;
            bytes.remove_prefix(end + 1);
            end_line(1);
        }
    }
    BatchInput finish() {
        if (size_ > 0) end_line(0);
        if (found_.lines.empty() && found_.problems.empty())
            found_.problems.push_back({"empty_file", "The input file has no lines.", 0});
        return std::move(found_);
    }

  private:
    void problem(std::string_view code, std::string_view message) {
        if (found_.problems.size() < BatchInput::kProblems)
            found_.problems.push_back({std::string(code), std::string(message), number_});
    }
    void end_line(std::size_t ending) {
        ++number_;
        check();
        at_ += size_ + ending;
        size_ = 0;
        line_.clear();
        too_long_ = false;
    }
    void check() {
        if (!too_long_ && line_.find_first_not_of(" \t\r") == std::string::npos) return;
        if (found_.lines.size() == kBatchLines) {
            problem("too_many_tasks", fmt::format("A batch may have {} lines.", kBatchLines));
            full_ = true;
            return;
        }
        found_.lines.push_back({at_, size_});
        if (too_long_) {
            problem("line_too_long", fmt::format("A line may have {} bytes.", line_bytes_));
            return;
        }
        auto line = read_line(line_, endpoint_);
        if (!line) {
            problem(line.error()->param, line.error()->message);
        } else if (!known_.insert(std::move(line->custom_id)).second) {
            problem("duplicate_custom_id", "Another line has the same custom_id.");
        }
    }

    std::string_view endpoint_;
    std::size_t line_bytes_;
    BatchInput found_;
    std::set<std::string, std::less<>> known_;
    std::string line_;
    std::uint64_t at_ = 0;
    std::size_t size_ = 0;
    std::int64_t number_ = 0;
    bool too_long_ = false, full_ = false;
};

}  // namespace

Result<BatchLine> read_line(std::string_view text, std::string_view endpoint) {
    json::Document document;
    const auto root = document.parse(text);
    if (!root || !root->is_object()) return wrong("invalid_json_line", "The line is no JSON object.");
    const auto id = (*root)["custom_id"];
    if (!id.is_string() || id.as_string().empty() || id.as_string().size() > kCustomIdBytes)
        return wrong("invalid_custom_id",
                     fmt::format("'custom_id' must have 1 to {} bytes.", kCustomIdBytes));
    if ((*root)["method"].as_string() != "POST") return wrong("invalid_method", "'method' must be \"POST\".");
    if ((*root)["url"].as_string() != endpoint)
        return wrong("invalid_url", fmt::format("'url' must be the batch's endpoint, {}.", endpoint));
    const auto body = (*root)["body"];
    if (!body.is_object()) return wrong("invalid_body", "'body' must be an object: the request.");
    if (body["stream"].as_bool().value_or(false))
        return wrong("invalid_body", "'body.stream' cannot be true: nobody waits for the answer.");
    return BatchLine{std::string(id.as_string()), std::string(body.raw())};
}

Result<BatchInput> read_input(const ReadPiece& read, std::string_view endpoint, std::size_t line_bytes) {
    InputReader reader(endpoint, line_bytes);
    std::uint64_t at = 0;
    for (;;) {
        const auto piece = read(at);
        if (!piece) return fail(piece.error());
        if (piece->empty()) return reader.finish();
        reader.feed(*piece);
        at += piece->size();
    }
}

std::string to_line(const LineResult& result) {
    json::Document document;
    const bool answered = result.status != 0 && document.parse(result.body).has_value();
    std::string out;
    json::Writer w(out);
    w.begin_object().member("id", make_id("batch_req_", system_random()));
    w.member("custom_id", result.custom_id);
    if (answered) {
        // A line end stands in JSON only between values: an answer written over several lines becomes one.
        std::string body = result.body;
        std::ranges::replace(body, '\n', ' ');
        std::ranges::replace(body, '\r', ' ');
        w.key("response").begin_object().member("status_code", result.status);
        w.member("request_id", result.request_id).member_raw("body", body).end_object();
        w.member_raw("error", "null");
    } else {
        w.member_raw("response", "null").key("error").begin_object();
        w.member("code", result.code.empty() ? std::string("no_answer") : result.code);
        w.member("message", result.message.empty() ? std::string("The answer was no JSON.") : result.message);
        w.end_object();
    }
    w.end_object();
    out.push_back('\n');
    return out;
}

}  // namespace hearth::resources

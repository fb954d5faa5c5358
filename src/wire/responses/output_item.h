#pragma once
// Inside this folder: the items of an answer that is being written.
#include <cstdint>
#include <string>
#include <vector>

#include "exchange/event.h"
#include "text/json_writer.h"

namespace hearth::wire::responses {

struct OutputItem {
    enum class Kind : std::uint8_t { message, reasoning, call, image, compaction } kind = Kind::message;
    enum class Status : std::uint8_t { in_progress, completed, incomplete } status = Status::in_progress;
    struct Content {  // of a message
        bool refusal = false;
        std::string text;
        std::vector<exchange::Citation> citations;
        std::vector<exchange::TokenLogprob> logprobs;
        std::int64_t chars_before = 0;  // of the answer's text: citations count from the part's beginning
    };
    std::string id;
    std::vector<Content> content;
    std::string text;       // reasoning: the summary; call: arguments or input; image: base64
    std::string encrypted;  // reasoning, compaction: sealed state
    std::int32_t call = 0;  // position among the calls
    bool custom = false;
    std::string call_id, space, name;
    std::string media_type;  // image

    [[nodiscard]] std::string_view type() const;
};

// With or without the state that only some clients ask for; for storing, always with it.
void write_item(json::Writer& w, const OutputItem& item, bool with_encrypted);
// {"type":"output_text",…} or a refusal.
void write_part(json::Writer& w, const OutputItem::Content& part);
void write_summary(json::Writer& w, std::string_view text);  // {"type":"summary_text",…}
void write_logprobs(json::Writer& w, const std::vector<exchange::TokenLogprob>& tokens);  // an array
void write_citation(json::Writer& w, const exchange::Citation& citation, const OutputItem::Content& part);

}  // namespace hearth::wire::responses

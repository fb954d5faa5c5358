#pragma once
// Inside this folder: one event of a stream, from its `event:` line to its blank line.
#include <cstdint>
#include <string>
#include <string_view>

#include "text/json_writer.h"
#include "wire/responses/output_item.h"

namespace hearth::wire::responses {

// Ends when it goes out of scope.
class EventWriter {
  public:
    EventWriter(std::int64_t& sequence, std::string_view type, std::string& out)
        : out_(begun(out, type)), writer_(out) {
        writer_.begin_object().member("type", type).member("sequence_number", sequence++);
    }
    EventWriter(const EventWriter&) = delete;
    EventWriter& operator=(const EventWriter&) = delete;
    ~EventWriter() {
        writer_.end_object();
        out_ += "\n\n";
    }
    [[nodiscard]] json::Writer& json() { return writer_; }
    // Which item it is about, and for a message the part that came last.
    json::Writer& of(std::size_t output_index, const OutputItem& item) {
        writer_.member("item_id", item.id).member("output_index", output_index);
        if (!item.content.empty()) writer_.member("content_index", item.content.size() - 1);
        return writer_;
    }

  private:
    static std::string& begun(std::string& out, std::string_view type) {
        out.append("event: ").append(type).append("\ndata: ");
        return out;
    }
    std::string& out_;
    json::Writer writer_;
};

}  // namespace hearth::wire::responses

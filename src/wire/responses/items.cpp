#include "wire/responses/items.h"

#include "base/limits.h"
#include "text/edit.h"
#include "text/json_writer.h"
#include "wire/responses/stream_encoder.h"

namespace hearth::wire::responses {

namespace {

using json::Value;

std::string user_message(std::string_view text) {
    std::string out;
    json::Writer w(out);
    w.begin_object().member("type", "message").member("role", "user").key("content").begin_array();
    w.begin_object().member("type", "input_text").member("text", text).end_object();
    w.end_array().end_object();
    return out;
}

}  // namespace

std::vector<std::string> input_items(const json::Document& document) {
    std::vector<std::string> out;
    const Value input = document.root()["input"];
    if (input.is_string()) out.push_back(user_message(input.as_string()));
    for (const Value item : input.elements()) out.emplace_back(item.raw());
    return out;
}

namespace {
void edit_message(json::Editor& editor, Value root) {
    editor.remove(root, "type").remove(root, "generate").set(root, "stream", "true");
}
}  // namespace

std::string body_of_message(const json::Document& document) {
    json::Editor editor(document);
    edit_message(editor, document.root());
    return editor.apply();
}

std::string with_items_before(const json::Document& document, std::span<const std::string> before,
                              bool message) {
    std::string list = "[";
    const auto add = [&](std::string_view item) {
        if (list.size() > 1) list += ',';
        list += item;
    };
    for (const auto& item : before) add(item);
    for (const auto& item : input_items(document)) add(item);
    json::Editor editor(document);
    const Value root = document.root();
    editor.set(root, "input", list + "]").remove(root, "previous_response_id");
    if (message) edit_message(editor, root);
    return editor.apply();
}

std::vector<std::string> output_items(const AnswerContext& context, const exchange::Answer& answer) {
    StreamEncoder encoder(context);
    std::string unused;
    for (const auto& event : exchange::unfold(answer)) encoder.write(event, unused);
    return encoder.stored_items();
}

std::vector<std::string> output_items(const wire::StreamEncoder& stream) {
    const auto* encoder = dynamic_cast<const StreamEncoder*>(&stream);
    return encoder != nullptr ? encoder->stored_items() : std::vector<std::string>{};
}

std::vector<std::string> output_items(Value response) {
    std::vector<std::string> out;
    for (const Value item : response["output"].elements()) out.emplace_back(item.raw());
    return out;
}

void ItemCollector::feed(std::string_view bytes) {
    if (whole_ || broken_) return;
    decoder_.feed(bytes);
    text::SseEvent event;
    for (;;) {
        const auto more = decoder_.next(event);
        if (!more) broken_ = true;
        if (!more || !*more || whole_ || broken_) return;
        // Only these tell something, and most events are deltas: the rest is not even parsed.
        const bool item = event.data.find("response.output_item.done") != std::string_view::npos;
        const bool last = event.data.find("response.completed") != std::string_view::npos ||
                          event.data.find("response.incomplete") != std::string_view::npos;
        if (!item && !last) continue;
        const auto root = document_.parse(event.data);
        if (!root) continue;
        const auto type = (*root)["type"].as_string();
        if (type == "response.output_item.done") {
            items_.emplace_back((*root)["item"].raw());
            bytes_ += items_.back().size();
            broken_ = bytes_ > limits::kReplyBytes;
        } else if (type == "response.completed" || type == "response.incomplete") {
            whole_ = true;
            const Value response = (*root)["response"];
            id_ = response["id"].as_string();
            response_ = response.raw();
            if (response["output"].size() > 0) items_ = output_items(response);
        }
        document_.clear(0);
    }
}

}  // namespace hearth::wire::responses

#include "engine/worker/chat_stream.h"

#include "base/time.h"
#include "text/json.h"

namespace hearth::engine {

using namespace exchange;

void ChatStream::feed(std::string_view text, std::vector<Event>& out) {
    if (text.empty()) return;
    if (reading_->plain) {
        out.emplace_back(TextDelta{choice_, std::string(text)});
        return;
    }
    text_ += text;
    // Each parse starts from the beginning, so long answers are parsed less often: every 1/256 of their length.
    if (text_.size() - read_ < text_.size() / 256) return;
    if (reading_->json_calls) {
        const auto start = text_.find_first_not_of(" \t\r\n");
        if (start == std::string::npos || text_[start] == '{') return;  // may become a call: wait for the end
        out.emplace_back(TextDelta{choice_, text_.substr(read_)});
        read_ = text_.size();
        return;
    }
    read(true, out);
}

void ChatStream::finish(std::vector<Event>& out) {
    if (reading_->plain) return;
    if (reading_->json_calls) return finish_json_call(out);
    read(false, out);
}

void ChatStream::read(bool partial, std::vector<Event>& out) {
    read_ = text_.size();
    try {
        auto now = common_chat_parse(text_, partial, reading_->parser);
        if (reading_->one_call && now.tool_calls.size() > 1) now.tool_calls.resize(1);
        if (now.empty()) return;
        now.set_tool_call_ids(call_ids_, [] { return make_id("call_", system_random()); });
        for (const auto& diff : common_chat_msg_diff::compute_diffs(seen_, now)) {
            if (!diff.reasoning_content_delta.empty())
                out.emplace_back(ReasoningDelta{choice_, diff.reasoning_content_delta, {}});
            if (!diff.content_delta.empty()) out.emplace_back(TextDelta{choice_, diff.content_delta});
            if (diff.tool_call_index == std::string::npos) continue;
            const auto& call = diff.tool_call_delta;
            out.emplace_back(ToolCallDelta{.choice = choice_,
                                           .call = static_cast<std::int32_t>(diff.tool_call_index),
                                           .id = call.id,
                                           .name = call.name,
                                           .arguments = call.arguments});
        }
        seen_ = std::move(now);
    } catch (const std::exception&) {
        // Not in the template's format (truncated, or the model deviates). Text already sent stays; if there is none, the
        // raw text is the answer rather than nothing.
        if (partial || !seen_.empty() || text_.empty()) return;
        out.emplace_back(TextDelta{choice_, text_});
        seen_.content = text_;
    }
}

void ChatStream::finish_json_call(std::vector<Event>& out) {
    const auto rest = text_.substr(read_);
    if (rest.empty()) return;
    json::Document document;
    const auto root = read_ == 0 ? document.parse(rest) : Result<json::Value>(json::Value());
    if (!root || !(*root)["name"].is_string() || !(*root)["arguments"].is_object()) {
        out.emplace_back(TextDelta{choice_, rest});
        return;
    }
    common_chat_tool_call call;
    call.name = (*root)["name"].as_string();
    call.arguments = (*root)["arguments"].raw();
    call.id = make_id("call_", system_random());
    out.emplace_back(ToolCallDelta{
        .choice = choice_, .call = 0, .id = call.id, .name = call.name, .arguments = call.arguments});
    seen_.tool_calls.push_back(std::move(call));
}

}  // namespace hearth::engine

#include "engine/worker/chat_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/fnv1a.h"
#include "text/json_writer.h"

namespace hearth::engine {

namespace {

std::string nine_characters(const std::string& id) {
    const auto fits = [](unsigned char c) { return std::isalnum(c) != 0; };
    if (id.size() == 9 && std::ranges::all_of(id, fits)) return id;
    auto hash = fnv1a(id);
    std::string out(9, '0');
    for (auto& c : out) {
        c = "0123456789abcdefghijklmnopqrstuvwxyz"[hash % 36];
        hash /= 36;
    }
    return out;
}

}  // namespace

void shorten_ids(const Model& model, std::vector<common_chat_msg>& messages) {
    const auto source = common_chat_templates_source(model.templates());
    if (source.find("length != 9") == std::string::npos) return;
    for (auto& message : messages) {
        for (auto& call : message.tool_calls) call.id = nine_characters(call.id);
        if (!message.tool_call_id.empty()) message.tool_call_id = nine_characters(message.tool_call_id);
    }
}

void write_out_calls(std::vector<common_chat_msg>& messages) {
    std::vector<common_chat_msg> out;
    for (auto& message : messages) {
        for (const auto& call : std::exchange(message.tool_calls, {})) {
            if (!message.content.empty()) message.content += '\n';
            json::Writer writer(message.content);
            writer.begin_object().member("name", call.name).member_raw("arguments", call.arguments);
            writer.end_object();
        }
        if (message.role == "tool") {
            message.role = "user";
            message.content = fmt::format("Result of {}:\n{}", message.tool_name, message.content);
            message.tool_name.clear();
            message.tool_call_id.clear();
        }
        if (message.role == "user" && !out.empty() && out.back().role == "user")
            out.back().content += "\n\n" + message.content;
        else
            out.push_back(std::move(message));
    }
    messages = std::move(out);
}

}  // namespace hearth::engine

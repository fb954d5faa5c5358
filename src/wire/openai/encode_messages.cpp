// Messages written for an upstream.
#include <fmt/format.h>

#include "wire/openai/encode.h"

namespace hearth::wire::openai {

namespace {

using exchange::RawField;
using exchange::Role;
using json::Writer;

struct PartWriter {
    Writer& w;
    const EncodeOptions& options;

    void operator()(const exchange::Text& p) const {
        w.begin_object().member("type", "text").member("text", p.text);
        close(p.extra);
    }
    void operator()(const exchange::Image& p) const {
        w.begin_object().member("type", "image_url").key("image_url").begin_object();
        w.member("url", p.data.empty() ? p.url : fmt::format("data:{};base64,{}", p.media_type, p.data));
        if (!p.detail.empty()) w.member("detail", p.detail);
        write_extra(w, options, p.extra, "image_url");
        w.end_object();
        close(p.extra);
    }
    void operator()(const exchange::Audio& p) const {
        w.begin_object().member("type", "input_audio").key("input_audio").begin_object();
        w.member("data", p.data).member("format", p.format);
        write_extra(w, options, p.extra, "input_audio");
        w.end_object();
        close(p.extra);
    }
    void operator()(const exchange::File& p) const {
        w.begin_object().member("type", "file").key("file").begin_object();
        if (!p.id.empty()) w.member("file_id", p.id);
        // Other dialects have the media type beside the bytes; here it stands in a data: URL, which needs a name.
        const bool bare = !p.media_type.empty() && !p.data.empty() && !p.data.starts_with("data:");
        if (bare) {
            w.member("file_data", fmt::format("data:{};base64,{}", p.media_type, p.data));
            w.member("filename", p.name.empty() ? std::string_view("document") : p.name);
        } else {
            if (!p.data.empty()) w.member("file_data", p.data);
            if (!p.name.empty()) w.member("filename", p.name);
        }
        write_extra(w, options, p.extra, "file");
        w.end_object();
        close(p.extra);
    }
    void operator()(const exchange::Refusal& p) const {
        w.begin_object().member("type", "refusal").member("refusal", p.text).end_object();
    }
    void operator()(const exchange::Foreign& p) const {
        if (options.extra) w.raw(p.json);
    }
    void operator()(const exchange::Reasoning&) const {}  // a field of the message
    void operator()(const exchange::ToolReference&) const {}
    void operator()(const exchange::ToolCall&) const {}

  private:
    void close(const std::vector<RawField>& extra) const {
        write_extra(w, options, extra, {});
        w.end_object();
    }
};

bool is_content(const exchange::Part& part) {
    return !std::holds_alternative<exchange::Reasoning>(part) &&
           !std::holds_alternative<exchange::ToolCall>(part);
}

void write_content(Writer& w, const exchange::Turn& turn, const EncodeOptions& options) {
    const auto count = std::ranges::count_if(turn.parts, is_content);
    if (count == 0) {
        w.key("content");
        turn.role == Role::assistant ? w.null() : w.string({});
        return;
    }
    const auto& first = *std::ranges::find_if(turn.parts, is_content);
    const auto* text = std::get_if<exchange::Text>(&first);
    if (count == 1 && text != nullptr && text->extra.empty() && !text->text.empty()) {
        w.member("content", text->text);
        return;
    }
    const auto* refusal = std::get_if<exchange::Refusal>(&first);
    if (count == 1 && refusal != nullptr && !refusal->text.empty() && turn.role == Role::assistant) {
        w.key("content").null().member("refusal", refusal->text);
        return;
    }
    w.key("content").begin_array();
    for (const auto& part : turn.parts) std::visit(PartWriter{w, options}, part);
    w.end_array();
}

void write_call(Writer& w, const exchange::ToolCall& call, const EncodeOptions& options) {
    w.begin_object();
    if (!call.id.empty()) w.member("id", call.id);
    w.member("type", call.custom ? "custom" : "function");
    w.key(call.custom ? "custom" : "function").begin_object();
    w.member("name", call.name).member(call.custom ? "input" : "arguments", call.arguments);
    write_extra(w, options, call.extra, call.custom ? "custom" : "function");
    w.end_object();
    write_extra(w, options, call.extra, {});
    w.end_object();
}

std::string_view role_name(Role role, const EncodeOptions& options) {
    switch (role) {
        case Role::system:
            return "system";
        case Role::developer:
            return options.developer_as_system ? "system" : "developer";
        case Role::assistant:
            return "assistant";
        case Role::tool:
            return "tool";
        case Role::user:
            break;
    }
    return "user";
}

}  // namespace

void write_extra(Writer& w, const EncodeOptions& options, const std::vector<RawField>& extra,
                 std::string_view within) {
    if (!options.extra) return;
    for (const auto& field : extra) {
        if (object_of(field) == within) w.member_raw(key_of(field), field.json);
    }
}

void write_turn(Writer& w, const exchange::Turn& turn, const EncodeOptions& options) {
    w.begin_object().member("role", role_name(turn.role, options));
    if (!turn.name.empty()) w.member("name", turn.name);
    if (!turn.tool_call_id.empty()) w.member("tool_call_id", turn.tool_call_id);
    std::string thought;
    bool calls = false;
    for (const auto& part : turn.parts) {
        if (const auto* reasoning = std::get_if<exchange::Reasoning>(&part)) {
            thought += reasoning->text;
        }
        calls = calls || std::holds_alternative<exchange::ToolCall>(part);
    }
    if (options.reasoning && !thought.empty()) w.member("reasoning_content", thought);
    write_content(w, turn, options);
    if (calls) {
        w.key("tool_calls").begin_array();
        for (const auto& part : turn.parts) {
            if (const auto* call = std::get_if<exchange::ToolCall>(&part)) write_call(w, *call, options);
        }
        w.end_array();
    }
    write_extra(w, options, turn.extra, {});
    w.end_object();
}

}  // namespace hearth::wire::openai

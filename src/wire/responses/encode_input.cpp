// Turns as input items.
#include <fmt/format.h>

#include <set>

#include "wire/opaque.h"
#include "wire/responses/encode.h"
#include "wire/responses/names.h"

namespace hearth::wire::responses {

namespace {

using exchange::Role;
using exchange::Turn;
using json::Writer;

// Files given as data must have a name; the vendor tells their kind by its end.
std::string_view file_name(const exchange::File& file) {
    if (!file.name.empty()) return file.name;
    if (file.media_type == "text/plain") return "document.txt";
    if (file.media_type.empty() || file.media_type == "application/pdf") return "document.pdf";
    return "document";
}

// Parts of what is said to the model.
struct PartWriter {
    Writer& w;
    bool answer = false;  // the model's own words

    void operator()(const exchange::Text& p) const {
        w.begin_object().member("type", answer ? "output_text" : "input_text").member("text", p.text);
        w.end_object();
    }
    void operator()(const exchange::Refusal& p) const {
        w.begin_object();
        if (answer) {
            w.member("type", "refusal").member("refusal", p.text);
        } else {
            w.member("type", "input_text").member("text", p.text);
        }
        w.end_object();
    }
    void operator()(const exchange::Image& p) const {
        w.begin_object().member("type", "input_image");
        if (!p.data.empty()) {
            w.member("image_url", fmt::format("data:{};base64,{}", p.media_type, p.data));
        } else if (!p.url.empty()) {
            w.member("image_url", p.url);
        } else {
            w.member("file_id", p.file_id);
        }
        if (!p.detail.empty()) w.member("detail", p.detail);
        w.end_object();
    }
    void operator()(const exchange::Audio& p) const {
        w.begin_object().member("type", "input_audio").key("input_audio").begin_object();
        w.member("data", p.data).member("format", p.format).end_object().end_object();
    }
    void operator()(const exchange::File& p) const {
        w.begin_object();
        if (!p.text.empty()) {
            w.member("type", "input_text").member("text", p.text).end_object();
            return;
        }
        w.member("type", "input_file");
        if (!p.id.empty()) {
            w.member("file_id", p.id);
        } else if (!p.data.empty()) {
            const bool whole = p.data.starts_with("data:") || p.media_type.empty();
            w.member("filename", file_name(p));
            w.member("file_data", whole ? p.data : fmt::format("data:{};base64,{}", p.media_type, p.data));
        } else {
            w.member("file_url", p.url);
            if (!p.name.empty()) w.member("filename", p.name);
        }
        w.end_object();
    }
    void operator()(const exchange::Reasoning&) const {}  // items of their own, or nothing here
    void operator()(const exchange::ToolCall&) const {}
    void operator()(const exchange::ToolReference&) const {}
    void operator()(const exchange::Foreign&) const {}
};

// What PartWriter has words for.
bool is_shown(const exchange::Part& part) {
    return !std::holds_alternative<exchange::Reasoning>(part) &&
           !std::holds_alternative<exchange::ToolCall>(part) &&
           !std::holds_alternative<exchange::ToolReference>(part) &&
           !std::holds_alternative<exchange::Foreign>(part);
}

class ItemWriter {
  public:
    ItemWriter(Writer& w, const exchange::Request& request, const ToolStyle& style,
               const UpstreamNeeds& needs)
        : w_(w), request_(request), style_(style), needs_(needs) {}

    void turn(const Turn& turn) {
        if (turn.role == Role::assistant) {
            assistant(turn);
        } else if (turn.role == Role::tool) {
            output(turn);
        } else {
            message(turn);
        }
    }

  private:
    void open(std::string_view role) {
        w_.begin_object().member("type", "message").member("role", role).key("content").begin_array();
    }
    void close() { w_.end_array().end_object(); }

    void message(const Turn& turn) {
        if (!turn.parts.empty() && std::ranges::none_of(turn.parts, is_shown)) return;
        const bool developer = turn.role == Role::developer && !needs_.developer_as_system;
        open(turn.role == Role::user ? "user" : developer ? "developer" : "system");
        for (const auto& part : turn.parts) std::visit(PartWriter{w_}, part);
        if (turn.parts.empty())
            w_.begin_object().member("type", "input_text").member("text", "").end_object();
        close();
    }

    // Words that follow each other are one message; thoughts and calls are items between them. What a model cannot
    // have in this dialect (an image) is shown to it in its place.
    void assistant(const Turn& turn) {
        enum class In : std::uint8_t { nothing, words, shown } in = In::nothing;
        const auto enter = [&](In wanted) {
            if (in == wanted) return;
            if (in != In::nothing) close();
            in = wanted;
            if (in != In::nothing) open(in == In::words ? "assistant" : "user");
        };
        for (const auto& part : turn.parts) {
            if (const auto* thought = std::get_if<exchange::Reasoning>(&part)) {
                enter(In::nothing);
                reasoning(*thought);
            } else if (const auto* call = std::get_if<exchange::ToolCall>(&part)) {
                enter(In::nothing);
                this->call(*call);
            } else if (std::holds_alternative<exchange::Text>(part) ||
                       std::holds_alternative<exchange::Refusal>(part)) {
                enter(In::words);
                std::visit(PartWriter{w_, true}, part);
            } else if (is_shown(part)) {
                enter(In::shown);
                std::visit(PartWriter{w_}, part);
            }
        }
        enter(In::nothing);
    }

    // Without its id: the vendor checks it against the encrypted content, and does without.
    void reasoning(const exchange::Reasoning& thought) {
        const bool carried =
            may_carry(thought.opaque, needs_.provider, request_.dialect, exchange::Dialect::responses);
        const bool plain = needs_.reasoning_content && !thought.text.empty();
        if (!carried && !plain) return;
        w_.begin_object().member("type", "reasoning").key("summary").begin_array();
        if (carried && !thought.text.empty())
            w_.begin_object().member("type", "summary_text").member("text", thought.text).end_object();
        w_.end_array();
        if (carried) {
            w_.member("encrypted_content", thought.opaque.data);
        } else {
            w_.key("content").begin_array().begin_object().member("type", "reasoning_text");
            w_.member("text", thought.text).end_object().end_array();
        }
        w_.end_object();
    }

    void call(const exchange::ToolCall& call) {
        if (call.custom) custom_.insert(call.id);
        w_.begin_object().member("type", call.custom ? "custom_tool_call" : "function_call");
        w_.member("call_id", call.id);
        const auto [space, name] =
            style_.spaces ? wire_name(request_.chat().tools, call.name) : WireName{{}, call.name};
        if (!space.empty()) w_.member("namespace", space);
        w_.member("name", name).member(call.custom ? "input" : "arguments", call.arguments).end_object();
    }

    void output(const Turn& turn) {
        const bool custom = custom_.contains(turn.tool_call_id);
        w_.begin_object().member("type", custom ? "custom_tool_call_output" : "function_call_output");
        w_.member("call_id", turn.tool_call_id).key("output");
        const auto* text =
            turn.parts.size() == 1 ? std::get_if<exchange::Text>(&turn.parts.front()) : nullptr;
        if (text != nullptr || std::ranges::none_of(turn.parts, is_shown)) {
            w_.string(text != nullptr ? std::string_view(text->text) : std::string_view());
        } else {
            w_.begin_array();
            for (const auto& part : turn.parts) std::visit(PartWriter{w_}, part);
            w_.end_array();
        }
        w_.end_object();
    }

    Writer& w_;
    const exchange::Request& request_;
    ToolStyle style_;
    const UpstreamNeeds& needs_;
    std::set<std::string, std::less<>> custom_;  // ids of calls whose outputs are custom too
};

}  // namespace

void write_input(Writer& w, const exchange::Request& request, std::size_t skip, const ToolStyle& style,
                 const UpstreamNeeds& needs) {
    w.begin_array();
    ItemWriter items(w, request, style, needs);
    const auto& turns = request.chat().turns;
    for (std::size_t i = skip; i < turns.size(); ++i) items.turn(turns[i]);
    w.end_array();
}

}  // namespace hearth::wire::responses

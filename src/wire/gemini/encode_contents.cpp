// The conversation for an upstream: roles alternate, results stand in the order of their calls.
#include <algorithm>
#include <unordered_map>

#include "wire/gemini/encode.h"
#include "wire/gemini/request.h"
#include "wire/gemini/signature.h"
#include "wire/opaque.h"

namespace hearth::wire::gemini {

namespace {

using exchange::Role;
using exchange::Turn;
using json::Writer;

bool is_system(const Turn& turn) {
    return turn.role == Role::system || turn.role == Role::developer;
}

bool is_object_text(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || text[first] != '{') return false;
    json::Document document;
    const auto root = document.parse(text);
    return root && root->is_object();
}

class Contents {
  public:
    Contents(Writer& w, const exchange::Request& request, const UpstreamNeeds& needs)
        : w_(w),
          request_(request),
          turns_(request.chat().turns),
          needs_(needs),
          model_(needs.model.empty() ? std::string_view(request.model) : needs.model) {}

    void write() {
        std::size_t at = 0;
        while (at < turns_.size() && is_system(turns_[at])) ++at;
        // A request of nothing but system text: Gemini wants contents.
        if (at == turns_.size()) at = 0;
        find_current(at);
        w_.key("contents").begin_array();
        for (std::size_t i = at; i < turns_.size();) {
            if (turns_[i].role == Role::tool) {
                i = results(i);
            } else {
                turns_[i].role == Role::assistant ? answer(i) : message(turns_[i]);
                ++i;
            }
        }
        close();
        w_.end_array();
        if (at > 0) write_system(at);
    }

  private:
    struct Called {
        std::string_view name;
        std::size_t order = 0;
        bool with_id = false;
    };

    void open(std::string_view role) {
        if (role_ == role) return;
        close();
        role_ = role;
        w_.begin_object().member("role", role).key("parts").begin_array();
        unsigned_call_ = role == "model";
    }
    void close() {
        if (role_.empty()) return;
        w_.end_array().end_object();
        role_ = {};
    }

    // Google checks signatures from the last message of the user on; one that comes with results is none of its own.
    void find_current(std::size_t from) {
        for (std::size_t i = from; i < turns_.size(); ++i) {
            const bool asks = turns_[i].role != Role::assistant && turns_[i].role != Role::tool;
            if (asks && (i == from || turns_[i - 1].role == Role::assistant)) current_ = i;
        }
    }

    void write_system(std::size_t count) {
        w_.key("systemInstruction").begin_object().key("parts").begin_array();
        for (std::size_t i = 0; i < count; ++i) {
            for (const auto& part : turns_[i].parts) text_or_media(part);
        }
        w_.end_array().end_object();
    }

    void text_or_media(const exchange::Part& part) {
        if (const auto* text = std::get_if<exchange::Text>(&part)) write_text(w_, text->text);
        if (const auto* refusal = std::get_if<exchange::Refusal>(&part)) write_text(w_, refusal->text);
        if (is_media(part)) write_media(w_, part);
    }

    void message(const Turn& turn) {
        for (const auto& part : turn.parts) say("user", part);
    }
    void say(std::string_view role, const exchange::Part& part) {
        const bool text =
            std::holds_alternative<exchange::Text>(part) || std::holds_alternative<exchange::Refusal>(part);
        if (!text && !is_media(part)) return;
        open(role);
        text_or_media(part);
    }

    [[nodiscard]] bool carries(const exchange::Opaque& opaque) const {
        return may_carry(opaque, needs_.provider, request_.dialect, exchange::Dialect::gemini);
    }

    void answer(std::size_t index) {
        const auto& parts = turns_[index].parts;
        const bool own = std::ranges::any_of(parts, [&](const exchange::Part& part) {
            const auto* call = std::get_if<exchange::ToolCall>(&part);
            return call != nullptr && carries(call->opaque);
        });
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (const auto* call = std::get_if<exchange::ToolCall>(&parts[i])) {
                write_call(*call, own, index >= current_);
            } else if (const auto* thought = std::get_if<exchange::Reasoning>(&parts[i])) {
                write_thought(*thought);
            } else {
                const auto* next =
                    i + 1 < parts.size() ? std::get_if<exchange::Reasoning>(&parts[i + 1]) : nullptr;
                const auto* text = std::get_if<exchange::Text>(&parts[i]);
                if (text != nullptr && next != nullptr && next->text.empty() && carries(next->opaque)) {
                    open("model");
                    w_.begin_object().member("text", text->text);
                    w_.member("thoughtSignature", next->opaque.data).end_object();
                    ++i;
                } else {
                    say("model", parts[i]);
                }
            }
        }
    }

    void write_thought(const exchange::Reasoning& thought) {
        if (!carries(thought.opaque)) return;
        open("model");
        w_.begin_object().member("text", thought.text);
        if (!thought.text.empty()) w_.member("thought", true);
        w_.member("thoughtSignature", thought.opaque.data).end_object();
    }

    void write_call(const exchange::ToolCall& call, bool own, bool current) {
        open("model");
        auto& known = calls_[call.id];
        known = {call.name, count_++, own && !call.id.empty() && !is_invented_id(call.id)};
        w_.begin_object().key("functionCall").begin_object();
        if (known.with_id) w_.member("id", call.id);
        w_.member("name", call.name).key("args");
        if (is_object_text(call.arguments)) {
            w_.raw(call.arguments);
        } else {
            w_.begin_object();
            if (!call.arguments.empty()) w_.member("input", call.arguments);
            w_.end_object();
        }
        w_.end_object();
        // Of parallel calls only the first one has a signature.
        const bool must_have = unsigned_call_ && current && wants_signatures(model_);
        if (carries(call.opaque)) {
            w_.member("thoughtSignature", call.opaque.data);
        } else if (must_have) {
            w_.member("thoughtSignature", kNoSignature);
        }
        unsigned_call_ = false;
        w_.end_object();
    }

    // Consecutive results, sorted by the order of their calls; answers the index behind them.
    std::size_t results(std::size_t from) {
        std::vector<const Turn*> group;
        std::size_t end = from;
        for (; end < turns_.size() && turns_[end].role == Role::tool; ++end) group.push_back(&turns_[end]);
        const auto order = [&](const Turn* turn) {
            const auto found = calls_.find(turn->tool_call_id);
            return found == calls_.end() ? count_ : found->second.order;
        };
        std::ranges::stable_sort(group, {}, order);
        open("user");
        const bool inside = wants_signatures(model_);  // the third generation takes media within a result
        for (const Turn* turn : group) result(*turn, inside);
        if (inside) return end;
        for (const Turn* turn : group) {
            for (const auto& part : turn->parts) {
                if (is_media(part)) write_media(w_, part);
            }
        }
        return end;
    }

    void result(const Turn& turn, bool media_inside) {
        std::string text;
        bool media = false;
        for (const auto& part : turn.parts) {
            if (const auto* piece = std::get_if<exchange::Text>(&part)) {
                if (!text.empty()) text += '\n';
                text += piece->text;
            }
            media = media || is_media(part);
        }
        const auto found = calls_.find(turn.tool_call_id);
        w_.begin_object().key("functionResponse").begin_object();
        if (found != calls_.end() && found->second.with_id) w_.member("id", turn.tool_call_id);
        w_.member("name", found != calls_.end() ? found->second.name : std::string_view(turn.name));
        w_.key("response");
        if (!turn.is_error && is_object_text(text)) {
            w_.raw(text);
        } else {
            w_.begin_object().member(turn.is_error ? "error" : "output", text).end_object();
        }
        if (media && media_inside) {
            w_.key("parts").begin_array();
            for (const auto& part : turn.parts) {
                if (is_media(part)) write_media(w_, part);
            }
            w_.end_array();
        }
        w_.end_object().end_object();
    }

    Writer& w_;
    const exchange::Request& request_;
    const std::vector<Turn>& turns_;
    const UpstreamNeeds& needs_;
    std::string_view model_, role_;
    std::unordered_map<std::string_view, Called> calls_;
    std::size_t count_ = 0, current_ = 0;
    bool unsigned_call_ = false;  // no call has been written in the open content
};

}  // namespace

void write_contents(Writer& w, const exchange::Request& request, const UpstreamNeeds& needs) {
    Contents(w, request, needs).write();
}

}  // namespace hearth::wire::gemini

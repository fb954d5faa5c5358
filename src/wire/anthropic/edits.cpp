#include "wire/anthropic/edits.h"

#include <fmt/format.h>

#include <algorithm>

#include "text/json_writer.h"
#include "wire/anthropic/words.h"
#include "wire/opaque.h"

namespace hearth::wire::anthropic {

namespace {

using json::Value;
using text::Edit;

// Removes elements of an array with their commas: a run goes with the comma behind it, one at the end with the comma
// before it.
void remove_elements(Value array, const std::vector<std::size_t>& gone, std::vector<Edit>& out) {
    std::size_t index = 0, next = 0, run_start = 0, kept_end = 0, last_end = 0;
    bool in_run = false, any_kept = false;
    for (const Value element : array.elements()) {
        const auto range = element.range();
        last_end = range.end();
        if (next < gone.size() && gone[next] == index++) {
            ++next;
            if (!in_run) run_start = range.offset;
            in_run = true;
            continue;
        }
        if (in_run) out.push_back({run_start, range.offset - run_start, {}});
        in_run = false;
        any_kept = true;
        kept_end = last_end;
    }
    if (!in_run) return;
    const std::size_t from = any_kept ? kept_end : run_start;
    out.push_back({from, last_end - from, {}});
}

std::string unsealed_block(Value block, std::string_view data) {
    std::string out;
    json::Writer w(out);
    w.begin_object();
    if (data.starts_with(kRedacted)) {
        w.member("type", "redacted_thinking").member("data", data.substr(kRedacted.size()));
    } else {
        w.member("type", "thinking")
            .member("thinking", block["thinking"].as_string())
            .member("signature", data);
    }
    w.end_object();
    return out;
}

class Cleaner {
  public:
    Cleaner(const UpstreamNeeds& needs, std::vector<Edit>& out) : needs_(needs), out_(out) {}

    // False: nothing is left of the message.
    bool message(Value message, bool& lost_thinking) {
        const Value content = message["content"];
        std::vector<Edit> inside;
        std::vector<std::size_t> gone;
        std::size_t index = 0;
        lost_thinking = false;
        for (const Value block : content.elements()) {
            if (!keep(block, inside)) gone.push_back(index);
            ++index;
        }
        removed_ += gone.size();
        lost_thinking = !gone.empty();
        if (!gone.empty() && gone.size() == index) return false;
        remove_elements(content, gone, inside);
        out_.insert(out_.end(), std::make_move_iterator(inside.begin()),
                    std::make_move_iterator(inside.end()));
        return true;
    }
    [[nodiscard]] std::size_t removed() const { return removed_; }

  private:
    bool keep(Value block, std::vector<Edit>& inside) {
        const auto type = block["type"].as_string();
        if (type == "thinking" || type == "redacted_thinking") {
            if (needs_.without_opaque) return false;
            const Value mark = block[type == "thinking" ? "signature" : "data"];
            if (!is_sealed(mark.as_string())) return true;
            const auto opaque = unseal(mark.as_string());
            const bool own = opaque.origin == needs_.provider && !opaque.data.empty() &&
                             !opaque.data.starts_with(kWithheld) && !opaque.data.starts_with(kOfCall);
            if (own)
                inside.push_back(
                    {block.range().offset, block.range().length, unsealed_block(block, opaque.data)});
            return own;
        }
        if (type == "text") citations(block["citations"], inside);
        return true;
    }
    static void citations(Value list, std::vector<Edit>& inside) {
        std::vector<std::size_t> gone;
        std::size_t index = 0;
        for (const Value one : list.elements()) {
            if (is_sealed(one["encrypted_index"].as_string())) gone.push_back(index);
            ++index;
        }
        remove_elements(list, gone, inside);
    }

    const UpstreamNeeds& needs_;
    std::vector<Edit>& out_;
    std::size_t removed_ = 0;
};

bool calls_tool(Value message) {
    return std::ranges::any_of(message["content"].elements(),
                               [](Value block) { return block["type"].as_string() == "tool_use"; });
}

// Whether the last message of the assistant called tools and lost thinking.
bool clean_messages(Value messages, const UpstreamNeeds& needs, std::vector<Edit>& out, EditPlan& plan) {
    Cleaner cleaner(needs, out);
    std::vector<std::size_t> gone;
    std::size_t index = 0;
    bool bare_calls = false;
    for (const Value message : messages.elements()) {
        bool lost = false;
        if (!cleaner.message(message, lost)) gone.push_back(index);
        if (message["role"].as_string() == "assistant") bare_calls = lost && calls_tool(message);
        ++index;
    }
    if (gone.size() < index) remove_elements(messages, gone, out);
    if (cleaner.removed() > 0) {
        plan.warnings.push_back(
            fmt::format("{} blocks of thinking were removed: {}.", cleaner.removed(),
                        needs.without_opaque ? "the upstream refused their signatures"
                                             : "another provider made them, and this one cannot read them"));
    }
    return bare_calls;
}

// In order, and what lies inside an earlier, longer edit is gone with it.
void settle(std::vector<Edit>& edits) {
    std::ranges::stable_sort(edits, {}, &Edit::offset);
    std::size_t kept = 0, end = 0;
    for (auto& edit : edits) {
        if (edit.offset < end) continue;
        end = edit.offset + edit.length;
        if (&edits[kept] != &edit) edits[kept] = std::move(edit);
        ++kept;
    }
    edits.resize(kept);
}

}  // namespace

EditPlan same_dialect_edits(const json::Document& document, const UpstreamNeeds& needs) {
    EditPlan plan;
    const Value root = document.root();
    json::Editor editor(document);
    std::vector<Edit> blocks;
    if (!needs.model.empty() && root["model"].as_string() != needs.model)
        editor.set(root, "model", json::quoted(needs.model));
    const bool bare_calls = clean_messages(root["messages"], needs, blocks, plan);
    if (bare_calls && root["thinking"]["type"].as_string() == "enabled") {
        editor.set(root, "thinking", R"({"type":"disabled"})");
        plan.warnings.emplace_back(
            "Thinking was switched off for this request: the thinking before its last tool calls is gone.");
    }
    for (const std::string_view field : needs.remove) {
        if (!root[field]) continue;
        editor.remove(root, field);
        plan.warnings.push_back(fmt::format("The field '{}' was removed: this upstream refuses it.", field));
    }
    plan.edits = editor.edits();
    if (!blocks.empty()) {
        plan.edits.insert(plan.edits.end(), std::make_move_iterator(blocks.begin()),
                          std::make_move_iterator(blocks.end()));
        settle(plan.edits);
    }
    return plan;
}

}  // namespace hearth::wire::anthropic

#include "wire/responses/edits.h"

#include <fmt/format.h>

#include "text/json_writer.h"
#include "wire/opaque.h"
#include "wire/responses/compaction.h"

namespace hearth::wire::responses {

namespace {

using json::Value;

void set_store(json::Editor& editor, Value root) {
    if (root["store"].as_bool() == true) return;
    const bool said = root["store"].as_bool() == false;
    if (!said) editor.set(root, "store", "false");
    // Models that do not think refuse to be asked for it, hence only beside a `reasoning` object.
    if (said || !root["reasoning"].is_object()) return;
    const Value include = root["include"];
    std::string list = R"(["reasoning.encrypted_content")";
    for (const Value one : include.elements()) {
        if (one.as_string() == "reasoning.encrypted_content") return;
        list.append(",").append(one.raw());
    }
    editor.set(root, "include", list + "]");
}

// The object again, without the members `without` and with another text for `key`.
std::string rewritten(Value object, std::initializer_list<std::string_view> without, std::string_view key,
                      std::string_view text) {
    std::string out;
    json::Writer w(out);
    w.begin_object();
    for (const json::Member member : object.members()) {
        if (std::ranges::find(without, member.key()) != without.end()) continue;
        w.key(member.key());
        member.key() == key ? w.string(text) : w.raw(member.value.raw());
    }
    w.end_object();
    return out;
}

std::string as_user_text(std::string_view text) {
    std::string out;
    json::Writer w(out);
    w.begin_object().member("type", "message").member("role", "user").key("content").begin_array();
    w.begin_object().member("type", "input_text").member("text", text).end_object().end_array().end_object();
    return out;
}

// An item as it goes on; empty: it does not. The id of an item that we have made is of no use: the vendor checks it
// against the encrypted content.
std::string item_for(Value item, bool stored, const UpstreamNeeds& needs) {
    if (needs.developer_as_system && item["role"].as_string() == "developer")
        return rewritten(item, {}, "role", "system");
    std::string as_it_is(item.raw());
    if (item["type"].as_string() == "compaction") {  // ours: the vendor would not know it
        const auto summary = summary_of(item["encrypted_content"].as_string());
        return summary ? as_user_text(*summary) : as_it_is;
    }
    if (item["type"].as_string() != "reasoning") return as_it_is;
    const auto sealed = item["encrypted_content"].as_string();
    if (needs.without_opaque && !sealed.empty()) return {};
    if (sealed.empty()) return stored || needs.reasoning_content ? as_it_is : std::string();
    if (!is_sealed(sealed)) return as_it_is;
    const auto opaque = unseal(sealed);
    if (opaque.origin == needs.provider && !opaque.data.empty())
        return rewritten(item, {"id"}, "encrypted_content", opaque.data);
    return needs.reasoning_content ? rewritten(item, {"id", "encrypted_content"}, {}, {}) : std::string();
}

void edit_items(json::Editor& editor, Value root, const UpstreamNeeds& needs, EditPlan& plan) {
    const bool stored = root["store"].as_bool() == true;
    std::string list = "[";
    std::size_t gone = 0;
    bool same = true;
    for (const Value item : root["input"].elements()) {
        const std::string text = item_for(item, stored, needs);
        same = same && text == item.raw();
        if (text.empty()) {
            ++gone;
            continue;
        }
        if (list.size() > 1) list += ',';
        list += text;
    }
    if (same) return;
    editor.replace(root["input"], list + "]");
    if (gone > 0) {
        plan.warnings.push_back(fmt::format(
            "{} earlier reasoning item(s) were left out: they hold no state of this upstream's.", gone));
    }
}

}  // namespace

EditPlan same_dialect_edits(const json::Document& document, const UpstreamNeeds& needs) {
    EditPlan plan;
    const Value root = document.root();
    json::Editor editor(document);
    if (!needs.model.empty() && root["model"].as_string() != needs.model)
        editor.set(root, "model", json::quoted(needs.model));
    // A count and a compaction have nothing to store.
    const bool answers = needs.kind == exchange::Kind::chat && needs.endpoint.empty();
    if (answers && std::ranges::find(needs.remove, "store") == needs.remove.end()) set_store(editor, root);
    edit_items(editor, root, needs, plan);
    for (const std::string_view field : needs.remove) {
        if (!root[field]) continue;
        editor.remove(root, field);
        plan.warnings.push_back(fmt::format("The field '{}' was removed: this upstream refuses it.", field));
    }
    plan.edits = editor.edits();
    return plan;
}

}  // namespace hearth::wire::responses

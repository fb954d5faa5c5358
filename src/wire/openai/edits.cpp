#include "wire/openai/edits.h"

#include <fmt/format.h>

#include "text/json_writer.h"

namespace hearth::wire::openai {

namespace {

void ask_usage(json::Editor& editor, json::Value root, EditPlan& plan) {
    if (root["stream"].as_bool() != true) return;
    const json::Value options = root["stream_options"];
    if (options["include_usage"].as_bool() == true) return;
    if (options.is_object()) {
        editor.set(options, "include_usage", "true");
    } else {
        editor.set(root, "stream_options", R"({"include_usage":true})");
    }
    plan.hide_usage = true;
}

void rename_max_tokens(json::Editor& editor, json::Value root, std::string_view wanted) {
    const std::string_view other = wanted == "max_tokens" ? "max_completion_tokens" : "max_tokens";
    const auto member = root.find(other);
    if (!member) return;
    if (!root[wanted]) {
        editor.rename(root, other, wanted);
        return;
    }
    const bool strong = other == "max_completion_tokens" && !member->value.is_null();
    if (strong)
        editor.set(root, wanted, std::string(member->value.raw()));  // the newer field is the one that counts
    editor.remove(root, other);
}

}  // namespace

EditPlan same_dialect_edits(const json::Document& document, const UpstreamNeeds& needs) {
    EditPlan plan;
    const json::Value root = document.root();
    json::Editor editor(document);
    if (!needs.model.empty() && root["model"].as_string() != needs.model) {
        editor.set(root, "model", json::quoted(needs.model));
    }
    if (needs.ask_usage) ask_usage(editor, root, plan);
    if (!needs.max_tokens_field.empty()) rename_max_tokens(editor, root, needs.max_tokens_field);
    if (needs.developer_as_system) {
        for (const json::Value message : root["messages"].elements()) {
            const json::Value role = message["role"];
            if (role.as_string() == "developer") editor.replace(role, json::quoted("system"));
        }
    }
    for (const std::string_view field : needs.remove) {
        if (!root[field]) continue;
        editor.remove(root, field);
        plan.warnings.push_back(fmt::format("The field '{}' was removed: this upstream refuses it.", field));
    }
    plan.edits = editor.edits();
    return plan;
}

EditPlan model_edits(const json::Document& document, const UpstreamNeeds& needs) {
    return same_dialect_edits(document, {.model = needs.model, .ask_usage = false, .remove = needs.remove});
}

}  // namespace hearth::wire::openai

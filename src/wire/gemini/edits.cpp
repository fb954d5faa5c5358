#include "wire/gemini/edits.h"

#include <fmt/format.h>

#include "text/json_writer.h"
#include "wire/gemini/fields.h"
#include "wire/gemini/path.h"
#include "wire/gemini/signature.h"
#include "wire/opaque.h"

namespace hearth::wire::gemini {

namespace {

using json::Value;

void set_model(json::Editor& editor, Value object, std::string_view model) {
    const auto member = find_field(object, "model");
    if (member && !model.empty()) editor.replace(member->value, json::quoted(resource_name(model)));
}

void open_signature(json::Editor& editor, Value part, const UpstreamNeeds& needs) {
    const auto member = find_field(part, "thoughtSignature");
    if (!member || (!needs.without_opaque && !is_sealed_signature(member->value.as_string()))) return;
    const auto opaque = unseal_signature(member->value.as_string());
    const bool call = static_cast<bool>(field(part, "functionCall"));
    if (!needs.without_opaque &&
        may_carry(opaque, needs.provider, exchange::Dialect::gemini, exchange::Dialect::gemini)) {
        editor.replace(member->value, json::quoted(opaque.data));
    } else if (call && wants_signatures(needs.model)) {
        editor.replace(member->value, json::quoted(kNoSignature));
    } else {
        editor.remove(part, member->key());
    }
}

void edit_contents(json::Editor& editor, Value request, const UpstreamNeeds& needs) {
    for (const Value content : field(request, "contents").elements()) {
        for (const Value part : field(content, "parts").elements()) open_signature(editor, part, needs);
    }
}

}  // namespace

EditPlan same_dialect_edits(const json::Document& document, const UpstreamNeeds& needs) {
    EditPlan plan;
    json::Editor editor(document);
    const Value root = document.root();
    const Value counted = field(root, "generateContentRequest");
    edit_contents(editor, root, needs);
    edit_contents(editor, counted, needs);
    set_model(editor, root, needs.model);
    set_model(editor, counted, needs.model);
    for (const Value one : field(root, "requests").elements()) set_model(editor, one, needs.model);
    for (const std::string_view name : needs.remove) {
        const auto member = find_field(root, name);
        if (!member) continue;
        editor.remove(root, member->key());
        plan.warnings.push_back(fmt::format("The field '{}' was removed: this upstream refuses it.", name));
    }
    plan.edits = editor.edits();
    return plan;
}

}  // namespace hearth::wire::gemini

// Schemas that name their parts ("$ref": "#/$defs/Person"), with the parts in their places: Google's own form of a schema
// has no names, and older models know only that form.
#include <algorithm>

#include "text/json_writer.h"
#include "wire/gemini/schema.h"

namespace hearth::wire::gemini {

namespace {

using json::Value;
using json::Writer;

constexpr std::size_t kDepth = 32;          // parts within parts; a part that holds itself never ends
constexpr std::size_t kBytes = 256 * 1024;  // of what is written: names can multiply
constexpr std::string_view kPrefixes[] = {"#/$defs/", "#/definitions/"};

class Inliner {
  public:
    Inliner(Value root, std::string& out) : root_(root), out_(out), w_(out) {}

    bool write(Value schema, std::size_t depth) {
        if (depth > kDepth || out_.size() > kBytes) return false;
        if (schema.is_array()) return write_list(schema, depth);
        if (!schema.is_object()) {
            w_.raw(schema.raw());
            return true;
        }
        const Value named = schema["$ref"];
        if (!named) return write_object(schema, {}, depth);
        const Value part = find(named.as_string());
        // Beside the name only words may stand: what else is said of the part would have to be merged with it.
        const bool words = std::ranges::all_of(schema.members(), [](const json::Member& member) {
            return member.key() == "$ref" || member.key() == "description" || member.key() == "title";
        });
        return part.is_object() && words && write_object(part, schema, depth + 1);
    }

  private:
    [[nodiscard]] Value find(std::string_view name) const {
        for (const auto prefix : kPrefixes) {
            if (!name.starts_with(prefix)) continue;
            const auto table = prefix.substr(2, prefix.size() - 3);
            return root_[table][name.substr(prefix.size())];
        }
        return {};
    }
    // `over`: the words that stand beside a name win over the part's own.
    bool write_object(Value schema, Value over, std::size_t depth) {
        if (schema["$ref"]) return write(schema, depth);
        w_.begin_object();
        for (const json::Member member : schema.members()) {
            if (member.key() == "$defs" || member.key() == "definitions") continue;
            if (over && over[member.key()]) continue;
            w_.key(member.key());
            if (!write_member(member, depth + 1)) return false;
        }
        for (const json::Member member : over.members()) {
            if (member.key() != "$ref") w_.key(member.key()).raw(member.value.raw());
        }
        w_.end_object();
        return true;
    }
    // Under `properties` stand schemas by any name, "definitions" among them; values are no schemas.
    bool write_member(const json::Member& member, std::size_t depth) {
        static constexpr std::string_view kValues[] = {"enum", "const", "default", "example", "examples"};
        const auto key = member.key();
        if (std::ranges::find(kValues, key) != std::end(kValues)) {
            w_.raw(member.value.raw());
            return true;
        }
        if (key != "properties" || !member.value.is_object()) return write(member.value, depth);
        w_.begin_object();
        for (const json::Member property : member.value.members()) {
            w_.key(property.key());
            if (!write(property.value, depth)) return false;
        }
        w_.end_object();
        return true;
    }
    bool write_list(Value list, std::size_t depth) {
        w_.begin_array();
        for (const Value one : list.elements()) {
            if (!write(one, depth + 1)) return false;
        }
        w_.end_array();
        return true;
    }

    Value root_;
    std::string& out_;
    Writer w_;
};

}  // namespace

std::optional<std::string> without_names(Value schema) {
    std::string out;
    if (!Inliner(schema, out).write(schema, 0)) return std::nullopt;
    return out;
}

}  // namespace hearth::wire::gemini

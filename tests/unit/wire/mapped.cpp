#include "unit/wire/mapped.h"

#include <algorithm>

#include "wire/dialects.h"
#include "wire/openai_schema.h"
#include "wire/translate/features.h"

namespace wire_test {

using namespace hearth;
using namespace hearth::exchange;
using wire::Feature;
using wire::Support;
using Mode = ToolChoice::Mode;

namespace {

bool mapped(Feature feature, const wire::Target& target) {
    return wire::support_of(feature, target.dialect) == Support::mapped;
}

bool for_openai(const Request& request, const wire::Target& target) {
    const auto one_of = [](Dialect d) { return d == Dialect::openai || d == Dialect::responses; };
    return one_of(target.dialect) && !one_of(request.dialect);
}

// An answer to be continued, which may not end in white space at Anthropic's.
void trim_end(Chat& chat) {
    if (chat.turns.empty() || chat.turns.back().role != Role::assistant || chat.turns.back().parts.empty())
        return;
    auto& parts = chat.turns.back().parts;
    const auto last = std::find_if_not(
        parts.rbegin(), parts.rend(), [](const Part& part) { return std::holds_alternative<Foreign>(part); });
    auto* text = last == parts.rend() ? nullptr : std::get_if<Text>(&*last);
    if (text != nullptr) text->text.erase(text->text.find_last_not_of(" \t\r\n\f\v") + 1);
}

bool named_by_result(const Chat& chat, std::string_view name) {
    return std::ranges::any_of(chat.turns, [&](const Turn& turn) {
        return std::ranges::any_of(turn.parts, [&](const Part& part) {
            const auto* reference = std::get_if<ToolReference>(&part);
            return reference != nullptr && reference->name == name;
        });
    });
}

void map_tools(Chat& chat, const wire::Target& target) {
    const bool named = chat.tool_choice && chat.tool_choice->mode == Mode::named;
    const auto later = [&](const Tool& tool) {
        return tool.deferred &&
               (named_by_result(chat, tool.name) || (named && chat.tool_choice->name == tool.name));
    };
    std::vector<Tool> out;
    std::ranges::copy_if(chat.tools, std::back_inserter(out),
                         [](const Tool& tool) { return !tool.deferred; });
    std::ranges::copy_if(chat.tools, std::back_inserter(out), later);
    std::erase_if(out, [](const Tool& tool) { return tool.kind == Tool::Kind::hosted; });
    chat.tools = std::move(out);
    if (chat.tool_choice && !chat.tool_choice->allowed.empty()) {
        auto& allowed = chat.tool_choice->allowed;
        const auto offered = [&](const std::string& name) {
            return std::ranges::find(chat.tools, name, &Tool::name) != chat.tools.end();
        };
        std::erase_if(allowed, [&](const std::string& name) { return !offered(name); });
        if (allowed.empty()) chat.tools.clear();
        if (mapped(Feature::allowed_tools, target)) {
            std::erase_if(chat.tools, [&](const Tool& tool) {
                return std::ranges::find(allowed, tool.name) == allowed.end();
            });
            allowed.clear();
        }
    }
    // Ollama knows no choice: where no tool may be called, none is told of.
    if (target.dialect == Dialect::ollama && chat.tool_choice && chat.tool_choice->mode == Mode::none)
        chat.tools.clear();
    if (!chat.tools.empty()) return;
    chat.tool_choice.reset();
    chat.parallel_tool_calls.reset();
}

void map_part(Part& part, const wire::Target& target) {
    if (const auto* reference = std::get_if<ToolReference>(&part)) {
        part = Text{"The tool " + reference->name + " is available now.", {}};
    } else if (const auto* file = std::get_if<File>(&part)) {
        if (file->text.empty() || !mapped(Feature::document_text, target)) return;
        part = Text{file->name.empty() ? file->text : file->name + ":\n" + file->text, {}};
    } else if (const auto* refusal = std::get_if<Refusal>(&part)) {
        if (mapped(Feature::refusal, target)) part = Text{refusal->text, {}};
    }
}

void mark_error(Turn& turn) {
    turn.is_error = false;
    for (auto& part : turn.parts) {
        auto* text = std::get_if<Text>(&part);
        if (text == nullptr) continue;
        if (!text->text.starts_with("Error")) text->text.insert(0, "Error: ");
        return;
    }
    turn.parts.insert(turn.parts.begin(), Text{"Error.", {}});
}

// The images of results that follow each other, in a message of the user behind them.
void move_images(std::vector<Turn>& turns) {
    std::vector<Turn> out;
    Turn shown;
    const auto show = [&] {
        if (shown.parts.empty()) return;
        shown.parts.insert(shown.parts.begin(), Text{"The images of the tool results above:", {}});
        out.push_back(std::exchange(shown, {}));
    };
    for (auto& turn : turns) {
        if (turn.role != Role::tool) show();
        auto& made = out.emplace_back(std::move(turn));
        if (made.role != Role::tool) continue;
        bool moved = false;
        std::erase_if(made.parts, [&](const Part& part) {
            if (!std::holds_alternative<Image>(part)) return false;
            shown.parts.push_back(part);
            return moved = true;
        });
        if (moved && made.parts.empty()) made.parts.emplace_back(Text{"(an image, see below)", {}});
    }
    show();
    turns = std::move(out);
}

void map_turns(Chat& chat, const wire::Target& target) {
    bool talking = false;
    for (auto& turn : chat.turns) {
        const bool system = turn.role == Role::system || turn.role == Role::developer;
        if (system && talking && mapped(Feature::system_in_the_middle, target)) turn.role = Role::user;
        talking = talking || !system;
        for (auto& part : turn.parts) map_part(part, target);
        if (turn.is_error && mapped(Feature::tool_result_error, target)) mark_error(turn);
    }
    if (mapped(Feature::tool_result_image, target)) move_images(chat.turns);
}

}  // namespace

bool loses_strictness(const Request& request, const wire::Target& target) {
    if (!for_openai(request, target)) return false;
    auto chat = request.chat();
    map_tools(chat, target);
    const auto& format = chat.response_format;
    return std::ranges::any_of(
               chat.tools,
               [](const Tool& tool) { return tool.strict && !wire::is_strict_schema(tool.parameters); }) ||
           (format && format->kind == ResponseFormat::Kind::json_schema && format->strict &&
            !wire::is_strict_schema(format->schema));
}

bool forces_lost_tool(const Request& request) {
    const auto& chat = request.chat();
    if (!chat.tool_choice) return false;
    const auto hosted = [](const Tool& tool) { return tool.kind == Tool::Kind::hosted; };
    const auto& choice = *chat.tool_choice;
    if (choice.mode == Mode::named) {
        const auto tool = std::ranges::find(chat.tools, choice.name, &Tool::name);
        return tool == chat.tools.end() || hosted(*tool);
    }
    if (choice.mode != Mode::required || std::ranges::none_of(chat.tools, hosted)) return false;
    auto copy = chat;
    map_tools(copy, {Dialect::openai, "provider"});
    return copy.tools.empty();
}

Request as_mapped(Request request, const wire::Target& target) {
    auto& chat = std::get<Chat>(request.body);
    map_tools(chat, target);
    map_turns(chat, target);
    if (for_openai(request, target)) {
        for (auto& tool : chat.tools) {
            if (tool.kind == Tool::Kind::function) tool.parameters = wire::with_properties(tool.parameters);
            tool.strict = tool.strict && wire::is_strict_schema(tool.parameters);
        }
        auto& format = chat.response_format;
        if (format) format->strict = format->strict && wire::is_strict_schema(format->schema);
    }
    if (target.dialect == Dialect::anthropic && request.dialect != Dialect::anthropic) trim_end(chat);
    auto& limit = request.sampling.max_tokens;
    const bool openai = target.dialect == Dialect::openai || target.dialect == Dialect::responses;
    if (limit && target.dialect == Dialect::responses)
        limit = std::max<std::int64_t>(*limit, 16);  // the least there
    auto& heat = request.sampling.temperature;
    if (heat && target.dialect == Dialect::anthropic && request.dialect != Dialect::anthropic)
        heat = std::min(*heat, 1.0);
    if (target.dialect == Dialect::anthropic) {
        // Its `none` has no field for calls at a time, and thinking must fit below the limit of the answer.
        if (chat.tool_choice && chat.tool_choice->mode == Mode::none) chat.parallel_tool_calls.reset();
        auto& budget = chat.thinking.budget_tokens;
        if (budget && limit) budget = std::min(*budget, *limit - 1);
    }
    // Anthropic's effort is about the whole answer, not only about thinking.
    const bool thinks =
        chat.thinking.mode == Thinking::Mode::budget || chat.thinking.mode == Thinking::Mode::adaptive;
    if (request.dialect == Dialect::anthropic && !thinks) chat.reasoning_effort.clear();
    if (mapped(Feature::thinking_budget, target) && chat.reasoning_effort.empty() &&
        chat.thinking.budget_tokens.value_or(-1) >= 0) {
        const auto budget = *chat.thinking.budget_tokens;
        chat.reasoning_effort = budget <= 1024 ? "low" : budget <= 8192 ? "medium" : "high";
    }
    if (openai && chat.reasoning_effort == "max") chat.reasoning_effort = "xhigh";
    if (target.dialect == Dialect::ollama && request.dialect != Dialect::ollama) {  // its three levels
        auto& effort = chat.reasoning_effort;
        if (effort == "minimal") effort = "low";
        if (effort == "xhigh" || effort == "max") effort = "high";
    }
    return request;
}

}  // namespace wire_test

#include "wire/anthropic/thinking.h"

#include <algorithm>

#include "wire/opaque.h"

namespace hearth::wire::anthropic {

namespace {

using exchange::Dialect;
using exchange::Role;
using Mode = exchange::Thinking::Mode;

constexpr std::int64_t kLeastBudget = 1024;  // Anthropic's
constexpr std::int64_t kDefaultLimit = 4096;

struct Effort {
    std::string_view word;
    std::int64_t budget;
    std::string_view said;  // in output_config
};
constexpr Effort kEfforts[] = {{"minimal", 1024, "low"}, {"low", 1024, "low"},     {"medium", 2048, "medium"},
                               {"high", 4096, "high"},   {"xhigh", 8192, "xhigh"}, {"max", 16384, "max"}};

const Effort* effort_of(std::string_view word) {
    const auto found = std::ranges::find(kEfforts, word, &Effort::word);
    return found == std::end(kEfforts) ? nullptr : found;
}

// The next number of one or two digits that stands alone between separators; -1: none. Dates are longer.
int next_number(std::string_view& text, bool at_once) {
    while (!text.empty()) {
        const auto end = text.find_first_of("-._/:@ ");
        const auto token = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const bool digits = !token.empty() && token.size() <= 2 &&
                            token.find_first_not_of("0123456789") == std::string_view::npos;
        if (digits) return token.size() == 1 ? token[0] - '0' : (token[0] - '0') * 10 + token[1] - '0';
        if (at_once) return -1;
    }
    return -1;
}

// A model that thinks by budget and calls tools wants the turn that called them to begin with its own thinking.
bool history_forbids(const exchange::Request& request, const UpstreamNeeds& needs) {
    const auto& turns = request.chat().turns;
    if (!turns.empty() && turns.back().role == Role::assistant) return true;  // an answer to be continued
    const auto last = std::find_if(turns.rbegin(), turns.rend(),
                                   [](const exchange::Turn& turn) { return turn.role == Role::assistant; });
    if (last == turns.rend()) return false;
    const bool calls = std::ranges::any_of(last->parts, [](const exchange::Part& part) {
        return std::holds_alternative<exchange::ToolCall>(part);
    });
    if (!calls) return false;
    const auto* first = std::get_if<exchange::Reasoning>(&last->parts.front());
    return first == nullptr || !may_carry(first->opaque, needs.provider, request.dialect, Dialect::anthropic);
}

bool forces_tool(const exchange::Chat& chat) {
    using Choice = exchange::ToolChoice::Mode;
    return chat.tool_choice && !chat.tools.empty() &&
           (chat.tool_choice->mode == Choice::required || chat.tool_choice->mode == Choice::named);
}

std::string display_of(const exchange::Thinking& thinking) {
    if (thinking.show.empty()) return {};
    return thinking.show == "omitted" ? "omitted" : "summarized";
}

// Fits the budget below the limit, or gives thinking up where there is no room.
void set_budget(ThinkingPlan& plan, std::int64_t wanted, std::int64_t most) {
    if (most < kLeastBudget) return;
    plan.mode = Mode::budget;
    plan.budget = std::clamp(wanted, kLeastBudget, most);
}

void plan_own(ThinkingPlan& plan, const exchange::Chat& chat) {
    plan.effort = chat.reasoning_effort;
    plan.mode = chat.thinking.mode;
    if (plan.mode != Mode::budget) return;
    plan.mode = Mode::unset;
    set_budget(plan, chat.thinking.budget_tokens.value_or(kLeastBudget), plan.max_tokens - 1);
}

void plan_adaptive(ThinkingPlan& plan, const exchange::Chat& chat, const Effort* effort, bool forced) {
    if (effort != nullptr) plan.effort = effort->said;  // effort counts without thinking too
    if (forced) return;
    plan.mode = Mode::adaptive;
    if (plan.display.empty() && chat.thinking.show.empty())
        plan.display = "summarized";  // else nothing is shown
}

void plan_budget(ThinkingPlan& plan, const exchange::Request& request, const UpstreamNeeds& needs,
                 const Effort* effort) {
    const auto& thinking = request.chat().thinking;
    const bool said = thinking.mode == Mode::budget && thinking.budget_tokens.value_or(-1) >= 0;
    const auto wanted = said ? *thinking.budget_tokens : effort != nullptr ? effort->budget : 4096;
    if (said && wanted == 0) {
        plan.mode = Mode::off;
        return;
    }
    auto most = said ? plan.max_tokens - 1 : std::max(kLeastBudget, plan.max_tokens / 2);
    if (!request.sampling.max_tokens && needs.max_output_tokens <= 0 && plan.max_tokens <= wanted) {
        plan.max_tokens = wanted + kDefaultLimit;
        most = wanted;
    }
    set_budget(plan, wanted, most);
    if (plan.max_tokens <= plan.budget) plan.mode = Mode::unset;
}

}  // namespace

namespace {

// {4, 5} of "claude-sonnet-4-5"; a Claude without a version is the newest; {0, 0}: no Claude.
std::pair<int, int> claude_version(std::string_view model) {
    const auto at = model.find("claude");
    if (at == std::string_view::npos) return {0, 0};
    auto rest = model.substr(at);
    const int major = next_number(rest, false);
    if (major < 0) return {99, 0};
    return {major, std::max(next_number(rest, true), 0)};
}

}  // namespace

bool newest_claude(std::string_view model) {
    return claude_version(model) >= std::pair(4, 7);
}

bool thinks_adaptively(std::string_view model) {
    return claude_version(model) >= std::pair(4, 6);
}

bool takes_one_sampler(std::string_view model) {
    const auto version = claude_version(model);
    return version >= std::pair(4, 1) && version <= std::pair(4, 6);
}

ThinkingPlan plan_thinking(const exchange::Request& request, const UpstreamNeeds& needs) {
    const auto& chat = request.chat();
    ThinkingPlan plan;
    plan.max_tokens = request.sampling.max_tokens.value_or(
        needs.max_output_tokens > 0 ? needs.max_output_tokens : kDefaultLimit);
    plan.display = display_of(chat.thinking);
    if (request.dialect == Dialect::anthropic) {
        plan_own(plan, chat);
        return plan;
    }
    const std::string_view model = needs.model.empty() ? std::string_view(request.model) : needs.model;
    const bool newest = newest_claude(model);
    const Effort* effort = effort_of(chat.reasoning_effort);
    plan.fixed_sampling = newest;
    plan.one_sampler = takes_one_sampler(model);
    if (chat.thinking.mode == Mode::off) {
        plan.mode = Mode::off;
        return plan;
    }
    if (chat.reasoning_effort == "none" || (chat.thinking.mode == Mode::unset && effort == nullptr))
        return plan;
    if (newest || (chat.thinking.mode == Mode::adaptive && thinks_adaptively(model))) {
        plan_adaptive(plan, chat, effort, forces_tool(chat));
    } else if (!forces_tool(chat) && !history_forbids(request, needs)) {
        plan_budget(plan, request, needs, effort);
    }
    plan.wished = plan.mode == Mode::budget || plan.mode == Mode::adaptive;
    return plan;
}

}  // namespace hearth::wire::anthropic

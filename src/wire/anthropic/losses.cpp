#include "wire/anthropic/losses.h"

#include <fmt/format.h>

#include "wire/anthropic/words.h"

namespace hearth::wire::anthropic {

namespace {

using Mode = exchange::Thinking::Mode;

constexpr double kTopPWithThinking = 0.95;  // no less beside thinking

bool wishes_thinking(const exchange::Chat& chat) {
    const auto mode = chat.thinking.mode;
    if (chat.reasoning_effort == "none" || mode == Mode::off) return false;
    return !chat.reasoning_effort.empty() || mode == Mode::adaptive ||
           (mode == Mode::budget && chat.thinking.budget_tokens.value_or(1) != 0);
}

}  // namespace

SentSampling sent_sampling(const exchange::Request& request, const ThinkingPlan& plan) {
    const auto& s = request.sampling;
    const bool free = !plan.fixed_sampling && !plan.wished;
    const bool temperature = s.temperature && free;
    const bool top_p = s.top_p && !plan.fixed_sampling && (!plan.wished || *s.top_p >= kTopPWithThinking) &&
                       !(plan.one_sampler && temperature);
    return {.temperature = temperature, .top_p = top_p, .top_k = s.top_k && free};
}

std::vector<std::string_view> sent_stops(const exchange::Request& request) {
    std::vector<std::string_view> out;
    const bool own = request.dialect == exchange::Dialect::anthropic;
    for (const std::string_view stop : request.sampling.stop) {
        if (own || !is_blank(stop)) out.push_back(stop);
    }
    return out;
}

std::vector<std::string> losses(const exchange::Request& request, const UpstreamNeeds& needs) {
    std::vector<std::string> out;
    const auto plan = plan_thinking(request, needs);
    const auto sent = sent_sampling(request, plan);
    const auto& s = request.sampling;
    const std::string_view why =
        plan.fixed_sampling ? "the model samples as it likes" : "it does not go with thinking";
    const auto lost = [&](std::string_view name, std::string_view reason) {
        out.push_back(fmt::format("{}: not sent to {}, {}", name, needs.provider, reason));
    };
    if (s.temperature && !sent.temperature) lost("temperature", why);
    if (s.top_p && !sent.top_p)
        lost("top_p", sent.temperature ? "the model takes temperature or top_p, not both" : why);
    if (s.top_k && !sent.top_k) lost("top_k", why);
    if (sent_stops(request).size() < s.stop.size())
        lost("stop_sequences", "which refuses those of white space alone");
    if (sent.temperature && *s.temperature > 1)
        out.push_back(fmt::format("temperature: sent to {} as 1, the most it takes", needs.provider));
    if (wishes_thinking(request.chat()) && plan.mode == Mode::unset && plan.effort.empty()) {
        lost("effort",
             "thinking does not go with a forced tool, with tool calls that it did not think before, or with "
             "so few tokens");
    }
    return out;
}

}  // namespace hearth::wire::anthropic

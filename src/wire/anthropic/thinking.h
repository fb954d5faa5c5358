#pragma once
// How a request's wish for thinking is said to an upstream of this dialect. Facts: Anthropic's pages on extended thinking,
// adaptive thinking and effort, and the migration guide (platform.claude.com/docs/en/about-claude/models/migration-guide):
// from Claude 4.7 on there is no `enabled` thinking with a budget but `adaptive` with output_config.effort, and
// temperature, top_p and top_k are refused.
#include <cstdint>
#include <string>
#include <string_view>

#include "exchange/request.h"
#include "wire/dialect.h"

namespace hearth::wire::anthropic {

// A Claude from 4.7 on, by its name in any spelling ("claude-opus-4-7", "anthropic/claude-opus-4.7"); a Claude without a
// version counts as the newest. Other vendors' models behind this dialect think by budget and accept sampling parameters.
[[nodiscard]] bool newest_claude(std::string_view model);
// From Claude 4.6 on; others know budgets only.
[[nodiscard]] bool thinks_adaptively(std::string_view model);
// Claude 4.1 to 4.6: temperature or top_p, not both.
[[nodiscard]] bool takes_one_sampler(std::string_view model);

struct ThinkingPlan {
    exchange::Thinking::Mode mode = exchange::Thinking::Mode::unset;
    std::int64_t budget = 0;  // Mode::budget
    std::string display;      // "omitted", "summarized" or ""
    std::string effort;       // for output_config, or ""
    std::int64_t max_tokens =
        0;  // for the request: the dialect demands a limit, and a budget must be below it
    bool fixed_sampling = false;  // the model samples as it likes: temperature, top_p and top_k must go
    bool one_sampler = false;     // takes_one_sampler()
    bool wished = false;          // thinking that came from another dialect: temperature and top_k must go
};

// A request of this dialect gets what it asked for. For one of another dialect thinking is a wish that yields to what it
// stands against: a forced tool choice, a history that must begin with thinking of this provider's but does not, too
// small a limit. Budgets for efforts: minimal and low 1024, medium 2048, high 4096, xhigh 8192, max 16384; half of the
// client's own limit at most. Without a limit of the client's: the model's, else 4096 beside the budget.
[[nodiscard]] ThinkingPlan plan_thinking(const exchange::Request& request, const UpstreamNeeds& needs);

}  // namespace hearth::wire::anthropic

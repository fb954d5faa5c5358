#pragma once
// What a request written for this dialect must go without, because of the model that it is for: features.h knows dialects
// alone. Facts: thinking.h.
#include <string>
#include <vector>

#include "exchange/request.h"
#include "wire/anthropic/thinking.h"
#include "wire/dialect.h"

namespace hearth::wire::anthropic {

// Which of the samplers go out. A temperature above 1, which OpenAI has, goes out as 1.
struct SentSampling {
    bool temperature = false, top_p = false, top_k = false;
};
[[nodiscard]] SentSampling sent_sampling(const exchange::Request& request, const ThinkingPlan& plan);

// Without those of white space alone, which are refused.
[[nodiscard]] std::vector<std::string_view> sent_stops(const exchange::Request& request);

// "temperature: ... not sent to anthropic": a warning each, as in translate/translate.h.
[[nodiscard]] std::vector<std::string> losses(const exchange::Request& request, const UpstreamNeeds& needs);

}  // namespace hearth::wire::anthropic

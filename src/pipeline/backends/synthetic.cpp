#include <fmt/format.h>

#include "pipeline/backends/backend.h"
#include "wire/ollama/request.h"

namespace hearth::pipeline {

namespace {

bool is_estimate(const RequestContext& context, const Attempt& attempt) {
    return context.kind() == exchange::Kind::count && !attempt.wire->head(exchange::Kind::count, false);
}

// A provider of another dialect than Ollama's has nothing to load.
bool is_load(const RequestContext& context, const Attempt& attempt) {
    return !attempt.same_dialect && wire::ollama::is_load(context.request());
}

class Synthetic final : public Backend {
  public:
    [[nodiscard]] Task<Started> start(Ports&, const RequestContext& context,
                                      Attempt& attempt) const override {
        if (is_load(context, attempt)) co_return empty_answer();
        attempt.warnings.push_back(fmt::format(
            "estimated: {} does not count tokens; four bytes were taken for one", attempt.model().provider));
        co_return counted(context.conversation.needs.approx_input_tokens);
    }
};

}  // namespace

bool serves_synthetic(const RequestContext& context, const Attempt& attempt) {
    if (!attempt.wire) return false;
    return is_load(context, attempt) || is_estimate(context, attempt);
}

const Backend& synthetic_backend() {
    static const Synthetic backend;
    return backend;
}

std::unique_ptr<AnswerStream> counted(std::int64_t tokens) {
    exchange::UsageEvent usage;
    usage.usage.input = tokens;
    return std::make_unique<GivenEvents>(std::vector<exchange::Event>{usage, exchange::Done{}});
}

std::unique_ptr<AnswerStream> empty_answer() {
    return std::make_unique<GivenEvents>(std::vector<exchange::Event>{exchange::Finish{}, exchange::Done{}});
}

}  // namespace hearth::pipeline

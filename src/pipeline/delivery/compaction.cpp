#include "wire/responses/compaction.h"
#include "pipeline/delivery/verifiers.h"

namespace hearth::pipeline {

namespace {

class CompactionVerifier final : public Verifier {
  public:
    [[nodiscard]] Task<Judgement> judge(const RequestContext&, const exchange::Answer& answer) override {
        const bool summary =
            !answer.choices.empty() && wire::responses::is_summary(answer.choices.front().text);
        if (summary) co_return Judgement{};
        co_return Judgement{"The model wrote no summary of the conversation; nothing was compacted."};
    }
};

}  // namespace

std::unique_ptr<Verifier> verify_compaction(const RequestContext& context, const Attempt& attempt) {
    if (attempt.same_dialect || !context.request().compact) return nullptr;  // the vendor makes its own item
    return std::make_unique<CompactionVerifier>();
}

}  // namespace hearth::pipeline

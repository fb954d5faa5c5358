#include "filters.h"

#include "pipeline/delivery/filters.h"
#include "pipeline/delivery/verifiers.h"

namespace hearth::pipeline {
std::unique_ptr<AnswerFilter> restore_custom_tools(const RequestContext&, const Attempt&);  // of the row
}

namespace hearth::simulation {

namespace {

// Holds back the end of the text as long as it may be the beginning of the word.
class Replacing final : public pipeline::AnswerFilter {
  public:
    void apply(exchange::Event event, std::vector<exchange::Event>& out) override {
        if (auto* delta = std::get_if<exchange::TextDelta>(&event)) {
            held_ += delta->text;
            held_ = replaced(std::move(held_));
            give_out(held_.size() - held_back(), out);
            return;
        }
        if (std::holds_alternative<exchange::Finish>(event) || std::holds_alternative<exchange::Done>(event))
            give_out(held_.size(), out);
        out.push_back(std::move(event));
    }

  private:
    [[nodiscard]] std::size_t held_back() const {
        for (auto size = std::min(held_.size(), kWord.size() - 1); size > 0; --size) {
            if (kWord.starts_with(std::string_view(held_).substr(held_.size() - size))) return size;
        }
        return 0;
    }
    void give_out(std::size_t size, std::vector<exchange::Event>& out) {
        if (size == 0) return;
        out.emplace_back(exchange::TextDelta{0, held_.substr(0, size)});
        held_.erase(0, size);
    }
    std::string held_;
};

class Marked final : public pipeline::Verifier {
  public:
    Task<pipeline::Judgement> judge(const pipeline::RequestContext&,
                                    const exchange::Answer& answer) override {
        const bool unfit =
            !answer.choices.empty() && answer.choices.front().text.find(kRejectedMark) != std::string::npos;
        co_return pipeline::Judgement{unfit ? std::optional<std::string>("The answer has the mark.")
                                            : std::nullopt};
    }
};

std::unique_ptr<pipeline::AnswerFilter> make_replacing(const pipeline::RequestContext&,
                                                       const pipeline::Attempt&) {
    return std::make_unique<Replacing>();
}
std::unique_ptr<pipeline::Verifier> make_marked(const pipeline::RequestContext&, const pipeline::Attempt&) {
    return std::make_unique<Marked>();
}

constexpr pipeline::FilterRow kWithReplacing[] = {{"custom tools", pipeline::restore_custom_tools},
                                                  {"replacing", make_replacing}};
constexpr pipeline::VerifierRow kWithMarked[] = {{"marked", make_marked}};

}  // namespace

std::span<const pipeline::FilterRow> filters_for(const Scenario& scenario) {
    return scenario.replacing ? std::span<const pipeline::FilterRow>(kWithReplacing)
                              : pipeline::kAnswerFilters;
}

std::span<const pipeline::VerifierRow> verifiers_for(const Scenario& scenario) {
    return scenario.verifying ? std::span<const pipeline::VerifierRow>(kWithMarked) : pipeline::kVerifiers;
}

std::string replaced(std::string text) {
    for (auto at = text.find(kWord); at != std::string::npos; at = text.find(kWord, at))
        text.replace(at, kWord.size(), kReplacement);
    return text;
}

}  // namespace hearth::simulation

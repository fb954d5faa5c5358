#pragma once
// A filter that replaces a word in the answer's text, however the text is cut into events; a verifier that rejects answers
// with a mark.
#include "pipeline/delivery/filters.h"
#include "pipeline/delivery/verifiers.h"
#include "unit/pipeline/rows.h"

namespace hearth::test {

inline constexpr std::string_view kWord = "[NAME_1]";  // a placeholder, for example
inline constexpr std::string_view kReplacement = "Ada \"Countess\"\n\u00e9";
inline constexpr std::string_view kMark = "UNFIT";

inline std::string replaced(std::string text) {
    for (auto at = text.find(kWord); at != std::string::npos; at = text.find(kWord, at))
        text.replace(at, kWord.size(), kReplacement);
    return text;
}

// Holds back the end of the text as long as it may be the beginning of the word.
class Replacing final : public pipeline::AnswerFilter {
  public:
    void apply(exchange::Event event, std::vector<exchange::Event>& out) override {
        if (auto* delta = std::get_if<exchange::TextDelta>(&event)) {
            held_ = replaced(held_ + delta->text);
            give_out(held_.size() - beginning_at_end(), out);
            return;
        }
        if (std::holds_alternative<exchange::Finish>(event) || std::holds_alternative<exchange::Done>(event))
            give_out(held_.size(), out);
        out.push_back(std::move(event));
    }

  private:
    [[nodiscard]] std::size_t beginning_at_end() const {
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
            !answer.choices.empty() && answer.choices.front().text.find(kMark) != std::string::npos;
        pipeline::Judgement judgement;
        if (unfit) judgement.escalate = "The answer has the mark.";
        co_return judgement;
    }
};

inline std::unique_ptr<pipeline::AnswerFilter> make_replacing(const pipeline::RequestContext&,
                                                              const pipeline::Attempt&) {
    return std::make_unique<Replacing>();
}
inline std::unique_ptr<pipeline::Verifier> make_marked(const pipeline::RequestContext&,
                                                       const pipeline::Attempt&) {
    return std::make_unique<Marked>();
}

inline constexpr pipeline::FilterRow kWithReplacing[] = {{"custom tools", pipeline::restore_custom_tools},
                                                         {"replacing", make_replacing}};
inline constexpr pipeline::VerifierRow kWithMarked[] = {{"marked", make_marked}};

}  // namespace hearth::test

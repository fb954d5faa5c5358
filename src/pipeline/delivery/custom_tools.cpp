#include <algorithm>

#include "pipeline/delivery/filters.h"
#include "wire/translate/translate.h"

namespace hearth::pipeline {

namespace {

class RestoreCustomTools final : public AnswerFilter {
  public:
    explicit RestoreCustomTools(const exchange::Request& request) : restore_(request) {}
    void apply(exchange::Event event, std::vector<exchange::Event>& out) override {
        restore_.apply(std::move(event), out);
    }

  private:
    wire::Restore restore_;
};

}  // namespace

std::unique_ptr<AnswerFilter> restore_custom_tools(const RequestContext& context, const Attempt& attempt) {
    const auto* chat = std::get_if<exchange::Chat>(&context.request().body);
    if (attempt.same_dialect || !chat) return nullptr;  // they went out as they are
    const bool any = std::ranges::any_of(
        chat->tools, [](const auto& tool) { return tool.kind == exchange::Tool::Kind::custom; });
    return any ? std::make_unique<RestoreCustomTools>(context.request()) : nullptr;
}

}  // namespace hearth::pipeline

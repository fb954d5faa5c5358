#include "wire/anthropic/vertex.h"

#include <algorithm>

#include "text/url.h"
#include "wire/anthropic/codec.h"

namespace hearth::wire::anthropic {

namespace {

using exchange::Kind;
using text::Edit;

constexpr std::string_view kVersion = R"("vertex-2023-10-16")";

// One member takes the other's place, so that no comma has to move.
std::vector<Edit> body_edits(const json::Document& document) {
    const auto root = document.root();
    const auto model = root.find("model");
    if (!model || root["anthropic_version"]) {
        json::Editor editor(document);
        editor.remove(root, "model").set(root, "anthropic_version", std::string(kVersion));
        return editor.edits();
    }
    const auto place = model->range();
    return {{place.offset, place.length, R"("anthropic_version":)" + std::string(kVersion)}};
}

class Vertex final : public UpstreamCodec {
  public:
    [[nodiscard]] std::optional<std::string> path(Kind kind, std::string_view model,
                                                  bool stream) const override {
        if (kind != Kind::chat) return std::nullopt;
        return "/models/" + text::percent_encode(model, "@") + (stream ? ":streamRawPredict" : ":rawPredict");
    }
    [[nodiscard]] bool path_varies() const override { return true; }
    [[nodiscard]] std::string encode(const exchange::Request& request,
                                     const UpstreamNeeds& needs) const override {
        auto body = inner_.encode(request, needs);
        json::Document document;
        if (!document.parse(body)) return body;
        return text::apply_edits(body, body_edits(document)).value_or(body);
    }
    [[nodiscard]] std::vector<std::string> losses(const exchange::Request& request,
                                                  const UpstreamNeeds& needs) const override {
        return inner_.losses(request, needs);
    }
    [[nodiscard]] EditPlan edits(const json::Document& document, const UpstreamNeeds& needs) const override {
        auto others = needs;
        others.model = {};  // it leaves the body
        auto plan = inner_.edits(document, others);
        auto own = body_edits(document);
        plan.edits.insert(plan.edits.end(), std::make_move_iterator(own.begin()),
                          std::make_move_iterator(own.end()));
        std::ranges::stable_sort(plan.edits, {}, &Edit::offset);
        return plan;
    }
    [[nodiscard]] std::unique_ptr<wire::StreamDecoder> stream(
        const exchange::Request& request) const override {
        return inner_.stream(request);
    }
    [[nodiscard]] std::unique_ptr<Relay> relay(const Relay::Options& options) const override {
        return inner_.relay(options);
    }
    [[nodiscard]] Result<exchange::Answer> whole(Kind kind, std::string_view body,
                                                 json::Document& scratch) const override {
        return inner_.whole(kind, body, scratch);
    }

  private:
    const UpstreamCodec& inner_ = upstream_codec();
};

}  // namespace

const UpstreamCodec& vertex_codec() {
    static const Vertex codec;
    return codec;
}

}  // namespace hearth::wire::anthropic

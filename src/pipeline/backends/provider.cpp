// A provider. Of the client's own dialect: its own bytes with the listed edits go out, and the upstream's own events come
// back. Of another: the request is translated and written anew, and the answer is read as events.
#include <fmt/format.h>

#include "pipeline/backends/upstream_call.h"
#include "provider/outbound.h"
#include "wire/translate/translate.h"

namespace hearth::pipeline {

namespace {

using exchange::Event;

// The original bytes with the edits in between, without copying either.
std::vector<std::string_view> splice(std::string_view original, const std::vector<text::Edit>& edits) {
    std::vector<std::string_view> pieces;
    pieces.reserve(edits.size() * 2 + 1);
    std::size_t at = 0;
    for (const auto& edit : edits) {
        assert(edit.offset >= at);  // edits are sorted and do not overlap
        if (edit.offset > at) pieces.push_back(original.substr(at, edit.offset - at));
        if (!edit.text.empty()) pieces.push_back(edit.text);
        at = edit.offset + edit.length;
    }
    if (at < original.size()) pieces.push_back(original.substr(at));
    return pieces;
}

// What goes out, and what it is made of. Stays where it is: `body` points into it.
struct OutgoingBody {
    std::string written;                 // translated
    std::vector<text::Edit> edits;       // same dialect
    std::vector<std::string_view> body;  // views into either and into the client's bytes
    bool hide_usage = false;
};

bool is_one_text(const exchange::Request& request) {
    const auto* const body = std::get_if<exchange::Completion>(&request.body);
    return body == nullptr || (request.n == 1 && body->prompts.size() == 1 &&
                               std::holds_alternative<std::string>(body->prompts.front()));
}

Result<void> translate_body(const RequestContext& context, Attempt& attempt, const wire::UpstreamNeeds& needs,
                            OutgoingBody& out) {
    const auto& wire = *attempt.wire;
    const auto& provider = attempt.upstream->provider.id;
    auto translated =
        wire::translate_request(context.request(), {.dialect = wire.dialect,
                                                    .provider = provider,
                                                    .reasoning_content = needs.reasoning_content,
                                                    .without_opaque = needs.without_opaque});
    if (!translated) return fail(std::move(translated.error()));
    if (needs.fim && !is_one_text(translated->request))
        return fail(
            Code::unsupported,
            fmt::format("{} completes one prompt of text in a request, not several or tokens.", provider),
            "prompt");
    attempt.warnings = std::move(translated->warnings);
    std::ranges::move(wire.codec.losses(translated->request, needs), std::back_inserter(attempt.warnings));
    out.written = wire.codec.encode(translated->request, needs);
    out.body = {out.written};
    return {};
}

Result<void> make_body(const RequestContext& context, Attempt& attempt, OutgoingBody& out) {
    auto needs = attempt.upstream->needs(*attempt.wire, context.kind(), attempt.model().id);
    needs.without_opaque = attempt.without_opaque;
    if (!attempt.same_dialect) return translate_body(context, attempt, needs, out);
    needs.endpoint = context.ingress.call.endpoint;
    const auto& document = context.conversation.document;
    auto plan = attempt.wire->codec.edits(document, needs);
    attempt.warnings = std::move(plan.warnings);
    out.edits = std::move(plan.edits);
    out.hide_usage = plan.hide_usage;
    out.body = splice(document.text(), out.edits);
    return {};
}

class ProviderAnswer final : public AnswerStream {
  public:
    ProviderAnswer(Ports& ports, const RequestContext& context, const Attempt& attempt)
        : ports_(ports), context_(context), attempt_(attempt), stop_(ports, context, *attempt.upstream) {}

    [[nodiscard]] StopToken stop() const { return stop_.token(); }
    void begin(std::unique_ptr<client::Response> response, bool hide_usage) {
        response_ = std::move(response);
        hide_usage_ = hide_usage;
    }

    [[nodiscard]] Task<std::vector<Event>> next() override {
        return context_.stream() ? next_of_stream() : next_of_whole();
    }
    [[nodiscard]] std::optional<Original> original() override {
        if (!attempt_.same_dialect) return std::nullopt;
        return Original{*response_, &attempt_.wire->codec, !context_.stream(), hide_usage_};
    }
    void first_content() override { stop_.first_token_came(); }
    void release() override {
        if (context_.stream()) spawn(drain(std::move(response_)));
    }

  private:
    Task<std::vector<Event>> next_of_stream() {
        if (!decoder_) decoder_ = attempt_.wire->codec.stream(context_.request());
        std::vector<Event> events;
        while (events.empty() && !ended_) {
            if (decoder_->over()) {
                end(events);
                break;
            }
            const auto piece = co_await response_->read();
            if (!piece) {
                ended_ = true;
                events.emplace_back(static_cast<const Error&>(piece.error()));
            } else if (piece->empty()) {
                end(events);
            } else {
                decoder_->feed(*piece, events);
            }
        }
        co_return events;
    }
    void end(std::vector<Event>& events) {
        ended_ = true;
        decoder_->finish(events);
    }

    Task<std::vector<Event>> next_of_whole() {
        if (std::exchange(ended_, true)) co_return std::vector<Event>{};
        const auto body = co_await response_->read_all();
        if (!body) co_return std::vector<Event>{static_cast<const Error&>(body.error())};
        auto answer = attempt_.wire->codec.whole(context_.kind(), *body, ports_.scratch);
        if (!answer) co_return std::vector<Event>{static_cast<const Error&>(answer.error())};
        answer->done = !answer->failure;
        co_return exchange::unfold(*answer);
    }

    Ports& ports_;
    const RequestContext& context_;
    const Attempt& attempt_;
    UpstreamStop stop_;
    std::unique_ptr<client::Response> response_;
    std::unique_ptr<wire::StreamDecoder> decoder_;
    bool hide_usage_ = false, ended_ = false;
};

class ProviderBackend final : public Backend {
  public:
    [[nodiscard]] Task<Started> start(Ports& ports, const RequestContext& context,
                                      Attempt& attempt) const override {
        const auto& wire = *attempt.wire;
        const auto& provider = attempt.upstream->provider;
        const bool same = attempt.same_dialect;
        const auto& head = wire.head(context.kind(), context.stream());
        if (!head) co_return not_sent(head.error());
        OutgoingBody out;
        if (auto made = make_body(context, attempt, out); !made) co_return not_sent(std::move(made.error()));
        client::Request request;
        std::string target;
        request.target =
            wire.target(context.request(), same ? context.ingress.call.endpoint : std::string_view(),
                        attempt.model().id, target);
        request.common = &head->fields;
        provider::add_request_headers(provider, context.caller.hops, same, context.http.head().headers,
                                      request.headers);
        auto answer = std::make_unique<ProviderAnswer>(ports, context, attempt);
        auto sent =
            co_await send_upstream(ports, context, attempt, std::move(request), out.body, answer->stop());
        if (!sent) co_return std::unexpected(std::move(sent.error()));
        auto& response = **sent;
        if (!is_success(response.status()))
            co_return std::unexpected(co_await read_refusal(ports, attempt, response, same));
        if (auto odd = provider::wrong_type(provider, wire.dialect, response.status(), response.headers(),
                                            context.stream()))
            co_return std::unexpected(std::make_unique<provider::Failure>(std::move(*odd)));
        answer->begin(std::move(*sent), out.hide_usage);
        co_return answer;
    }
};

}  // namespace

bool serves_provider(const RequestContext&, const Attempt&) {
    return true;
}

const Backend& provider_backend() {
    static const ProviderBackend backend;
    return backend;
}

}  // namespace hearth::pipeline

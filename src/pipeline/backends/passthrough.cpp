// What Hearth does not do itself but passes on to a provider that does, byte for byte but for the model's name: audio,
// images, and a provider's own files and batches. Format: developers.openai.com/api/reference, resources audio, images,
// files, batches.
#include <fmt/format.h>

#include <cassert>

#include "http/multipart.h"
#include "pipeline/backends/upstream_call.h"
#include "provider/outbound.h"
#include "text/edit.h"
#include "text/json_writer.h"

namespace hearth::pipeline {

namespace {

using exchange::Kind;

constexpr std::string_view kVersion = "/v1";  // of our own paths; a provider's base has its own

bool names_model(Kind kind) {
    return kind == Kind::audio || kind == Kind::image;
}

// The client's bytes with the model's name replaced by the one that the provider knows. Stays where it is: `pieces` may
// point into it.
struct PassedBody {
    std::string edited;
    std::vector<std::string_view> pieces;
};

Result<void> make_passed_body(const RequestContext& context, const std::string& model, std::string_view body,
                              PassedBody& out) {
    if (!names_model(context.kind()) || model == context.request().model) {
        if (!body.empty()) out.pieces = {body};
        return {};
    }
    const auto boundary = http::multipart_boundary(context.http.head().headers.get("content-type"));
    if (!boundary) {
        std::string name;
        json::append_string(name, model);
        const auto& document = context.conversation.document;
        json::Editor editor(document);
        editor.set(document.root(), "model", std::move(name));
        out.edited = editor.apply();
        out.pieces = {out.edited};
        return {};
    }
    const auto parts = http::parse_multipart(body, *boundary);
    if (!parts) return fail(parts.error());
    const auto part = http::only_part(*parts, "model");
    if (!part || !*part) return fail(Code::internal, "The form's field 'model' cannot be found again.");
    out.pieces = {body.substr(0, (*part)->offset), model,
                  body.substr((*part)->offset + (*part)->content.size())};
    return {};
}

Result<http::RequestHead> make_head(const RequestContext& context, const provider::Provider& provider) {
    const auto spoken =
        std::ranges::find(provider.wires, exchange::Dialect::openai, &provider::Wire::dialect);
    const auto& client = context.http.head();
    if (spoken == provider.wires.end())
        return fail(Code::unsupported,
                    fmt::format("{} has no {} in OpenAI's shape; name a provider that has: \"openai/...\".",
                                provider.id, client.path()));
    // "/v1/files/x?y" is "/files/x?y" under the provider's own base path.
    std::string_view target = client.target;
    if (target.starts_with(kVersion)) target.remove_prefix(kVersion.size());
    auto head =
        provider::common_head(provider, *spoken, context.kind(), std::string(target), context.stream());
    if (!head) return head;
    head->method = client.method;
    head->headers.remove("content-type");
    if (const auto type = client.headers.find("content-type")) head->headers.append("content-type", *type);
    head->headers.set("accept", client.headers.find("accept").value_or("*/*"));
    return head;
}

class PassedThroughAnswer final : public AnswerStream {
  public:
    PassedThroughAnswer(Ports& ports, const RequestContext& context, const Attempt& attempt)
        : stop_(ports, context, *attempt.upstream) {}
    [[nodiscard]] StopToken stop() const { return stop_.token(); }
    void begin(std::unique_ptr<client::Response> response, bool whole) {
        response_ = std::move(response);
        whole_ = whole;
    }
    [[nodiscard]] Task<std::vector<exchange::Event>> next() override {
        assert(false);  // it has no events: neither filters nor verifiers apply to what is not read
        co_return std::vector<exchange::Event>{};
    }
    [[nodiscard]] std::optional<Original> original() override {
        return Original{.response = *response_, .whole = whole_};
    }
    void first_content() override { stop_.first_token_came(); }

  private:
    UpstreamStop stop_;
    std::unique_ptr<client::Response> response_;
    bool whole_ = true;
};

class PassthroughBackend final : public Backend {
  public:
    [[nodiscard]] Task<Started> start(Ports& ports, const RequestContext& context,
                                      Attempt& attempt) const override {
        const auto& provider = attempt.upstream->provider;
        const auto head = make_head(context, provider);
        if (!head) co_return not_sent(head.error());
        const auto body = co_await context.http.read_body(context.settings->config.server.max_body_bytes);
        if (!body) co_return not_sent(body.error());
        PassedBody out;
        if (auto made = make_passed_body(context, attempt.model().id, *body, out); !made)
            co_return not_sent(std::move(made.error()));
        client::Request request;
        request.method = head->method;
        request.target = head->target;
        request.headers = head->headers;
        provider::add_request_headers(provider, context.caller.hops, true, context.http.head().headers,
                                      request.headers);
        auto answer = std::make_unique<PassedThroughAnswer>(ports, context, attempt);
        auto sent =
            co_await send_upstream(ports, context, attempt, std::move(request), out.pieces, answer->stop());
        if (!sent) co_return std::unexpected(std::move(sent.error()));
        auto& response = **sent;
        const bool good = is_success(response.status());
        // A provider's own files and batches have no second candidate: whatever it answers is the answer.
        if (!good && (names_model(context.kind()) || response.status() < 400))
            co_return std::unexpected(co_await read_refusal(ports, attempt, response, true));
        const bool is_json = response.headers().get("content-type").starts_with("application/json");
        answer->begin(std::move(*sent), !good || (is_json && !context.stream()));
        co_return answer;
    }
};

}  // namespace

bool serves_passthrough(const RequestContext& context, const Attempt&) {
    return exchange::passes_through(context.kind());
}

const Backend& passthrough_backend() {
    static const PassthroughBackend backend;
    return backend;
}

}  // namespace hearth::pipeline

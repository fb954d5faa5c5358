// What the Gemini dialect keeps of a request comes back from its encoding.
#include <rapidcheck.h>

#include "unit/wire/gemini_common.h"
#include "unit/wire/generators.h"

namespace gemini_property_test {

using namespace gemini_test;

namespace {

Turn says(Role role, std::string text) {
    return {.role = role, .parts = {Text{std::move(text), {}}}};
}
Turn result(std::string id, std::string text, bool error = false) {
    return {.role = Role::tool,
            .tool_call_id = std::move(id),
            .is_error = error,
            .parts = {Text{std::move(text), {}}}};
}

using wire_test::draw;
using wire_test::flip;
using wire_test::word;

Part some_media() {
    switch (draw(5)) {
        case 0:
            return Image{.media_type = "image/png", .data = "QUJD"};
        case 1:
            return Image{.url = "https://" + word(), .media_type = "image/webp"};
        case 2:
            return Audio{"wav", "AA==", {}};
        case 3:
            return File{.data = "AA==", .media_type = "application/pdf"};
        default:
            return File{.url = "gs://" + word(), .media_type = "text/csv"};
    }
}

// What the dialect can say: alternating turns, results in the order of their calls, ids as decoding gives them.
Chat some_chat() {
    Chat out;
    if (flip()) out.turns.push_back(says(Role::system, word()));
    int calls = 0;
    for (int round = 1 + draw(3); round > 0; --round) {
        Turn user{.role = Role::user};
        user.parts.emplace_back(Text{word(), {}});
        for (int i = draw(3); i > 0; --i) user.parts.push_back(some_media());
        out.turns.push_back(std::move(user));
        Turn model{.role = Role::assistant};
        if (flip()) model.parts.emplace_back(Reasoning{word(), {"c2ln", ""}});
        if (flip()) {
            model.parts.emplace_back(Text{word(), {}});
            if (flip()) model.parts.emplace_back(Reasoning{"", {"c2ln", ""}});
        }
        std::vector<Turn> results;
        for (int i = draw(3); i > 0; --i) {
            const auto id = "call_" + std::to_string(calls++);
            const Opaque signature = flip() ? Opaque{"c2ln", ""} : Opaque{};
            model.parts.emplace_back(ToolCall{.id = id,
                                              .name = flip() ? "f" : word(),
                                              .arguments = R"({"x":[1, "}"]})",
                                              .opaque = signature});
            results.push_back(result(id, flip() ? word() : R"({"n":{"deep":1}})", flip()));
        }
        if (model.parts.empty()) model.parts.emplace_back(Text{word(), {}});
        out.turns.push_back(std::move(model));
        for (auto& one : results) out.turns.push_back(std::move(one));
    }
    return out;
}

Request some_gemini_request() {
    Request out;
    out.dialect = Dialect::gemini;
    out.model = "gemini-2.5-flash";  // no signatures are made up for it
    auto chat = some_chat();
    for (int i = draw(3); i > 0; --i) {
        chat.tools.push_back({.name = "t" + std::to_string(i),
                              .description = wire_test::maybe_word(),
                              .parameters = flip()
                                                ? R"({"type":"object","properties":{"a":{"type":"string"}}})"
                                                : R"({"type":"object","properties":{"a":{"const":1}}})"});
    }
    using Mode = ToolChoice::Mode;
    if (!chat.tools.empty() && flip()) chat.tool_choice = ToolChoice{Mode::named, chat.tools[0].name, {}};
    if (!chat.tools.empty() && flip())
        chat.tool_choice = ToolChoice{Mode::automatic, "", {chat.tools[0].name}};
    if (flip())
        chat.response_format =
            ResponseFormat{ResponseFormat::Kind::json_schema, "response", "", R"({"type":"string"})", false};
    if (flip()) chat.thinking = {Thinking::Mode::budget, draw(9000) + 1, flip() ? "auto" : "omitted"};
    out.body = std::move(chat);
    out.n = 1 + draw(3);
    auto& s = out.sampling;
    if (flip()) s.temperature = draw(2001) / 1000.0;
    if (flip()) s.top_k = draw(100);
    if (flip()) s.seed = *rc::gen::arbitrary<std::int32_t>();
    if (flip()) s.max_tokens = 1 + draw(1 << 20);
    for (int i = draw(3); i > 0; --i) s.stop.push_back(word());
    if (flip()) s.logprobs = true, s.top_logprobs = draw(6);
    return out;
}

}  // namespace

TEST_CASE("gemini requests come back from their encoding") {
    CHECK(rc::check("chat", [] {
        const auto request = some_gemini_request();
        const auto body = gemini::encode_request(request, {.provider = "google"});
        json::Document document;
        RC_ASSERT(document.parse(body).has_value());
        const auto back = gemini::decode_request({.kind = Kind::chat, .model = request.model}, document);
        if (!back) RC_FAIL(back.error()->message + " in " + body);
        if (!(*back == request)) RC_FAIL(body + "\n came back as\n" + gemini::encode_request(*back, {}));
    }));
    CHECK(rc::check("embedding", [] {
        Request request;
        request.kind = Kind::embedding;
        request.dialect = Dialect::gemini;
        request.model = "e";
        Embedding embedding;
        for (int i = 1 + draw(4); i > 0; --i) embedding.inputs.emplace_back(wire_test::some_text());
        if (flip()) embedding.dimensions = 1 + draw(5000);
        request.body = std::move(embedding);
        json::Document document;
        const auto body = gemini::encode_request(request, {});
        RC_ASSERT(document.parse(body).has_value());
        const auto back = gemini::decode_request(
            {.kind = Kind::embedding, .endpoint = gemini::kBatchEmbed, .model = "e"}, document);
        RC_ASSERT(back.has_value());
        RC_ASSERT(*back == request);
    }));
}

}  // namespace gemini_property_test

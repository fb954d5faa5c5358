// For every pair of dialects: what a client says in one arrives in the other as the feature table promises.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "unit/wire/conversations.h"
#include "unit/wire/feature_text.h"
#include "unit/wire/generators.h"
#include "unit/wire/mapped.h"
#include "wire/codecs.h"
#include "wire/dialects.h"
#include "wire/opaque.h"

namespace pairs_property_test {

using namespace wire_test;
using wire::Feature;
using wire::Features;
using wire::Support;

namespace {

constexpr Dialect kSpoken[] = {Dialect::openai, Dialect::responses, Dialect::anthropic, Dialect::gemini,
                               Dialect::ollama};
constexpr std::string_view kProvider = "provider";

bool has(const Features& features, Feature feature) {
    return features[static_cast<std::size_t>(feature)];
}

// One conversation on its way from a client to an upstream; what goes wrong names the pair.
struct Translation {
    const Request& asked;
    Features found;
    wire::Target target;
    const std::string& body;  // the client's

    [[nodiscard]] Support support(Feature feature) const { return wire::support_of(feature, target.dialect); }
    [[noreturn]] void fail(std::string_view what) const {
        RC_FAIL(fmt::format("{} -> {}: {}\n{}", wire::dialect_name(asked.dialect),
                            wire::dialect_name(target.dialect), what, body));
    }
    void check() const;
    void check_warnings(const std::vector<std::string>& warnings) const;
    void check_content(const Request& arrived, std::string_view sent) const;
    [[nodiscard]] Request arrived(const Request& translated, std::string& sent) const;
    [[nodiscard]] bool comparable(Feature feature, const Request& arrived) const;
    [[nodiscard]] bool is_left_behind(Feature feature) const;
};

// Thinking and signatures go on where their maker is asked again, or where plain thinking is taken.
bool Translation::is_left_behind(Feature feature) const {
    const bool states = feature == Feature::opaque_state;
    if (!states && target.reasoning_content) return false;
    const bool has_place = target.dialect == Dialect::responses || target.dialect == Dialect::anthropic ||
                           target.dialect == Dialect::gemini;
    const auto lost = [&](const Opaque& opaque) {
        return !has_place || !wire::may_carry(opaque, target.provider, asked.dialect, target.dialect);
    };
    for (const auto& turn : asked.chat().turns) {
        for (const auto& part : turn.parts) {
            if (const auto* thought = std::get_if<Reasoning>(&part)) {
                const bool any = states ? !thought->opaque.data.empty() : !thought->text.empty();
                if (any && lost(thought->opaque)) return true;
            }
            const auto* call = std::get_if<ToolCall>(&part);
            if (states && call != nullptr && !call->opaque.data.empty() && lost(call->opaque)) return true;
        }
    }
    return false;
}

void Translation::check_warnings(const std::vector<std::string>& warnings) const {
    std::multiset<std::string_view> told;
    for (const auto& warning : warnings) told.insert(std::string_view(warning).substr(0, warning.find(':')));
    for (const auto& row : wire::feature_table()) {
        const bool thinking =
            row.feature == Feature::earlier_thinking || row.feature == Feature::opaque_state;
        const bool by_table = has(found, row.feature) && support(row.feature) == Support::dropped &&
                              (!thinking || is_left_behind(row.feature));
        const bool lost =
            by_table || (row.feature == Feature::tool_strict && loses_strictness(asked, target));
        if (told.count(row.name) != (lost ? 1U : 0U))
            fail(fmt::format("{} is {}, but has {} warnings", row.name, lost ? "dropped" : "not dropped",
                             told.count(row.name)));
        told.erase(row.name);
    }
    if (!told.empty()) fail(fmt::format("a warning of '{}', which is no feature", *told.begin()));
}

Request Translation::arrived(const Request& translated, std::string& sent) const {
    wire::UpstreamNeeds needs{.provider = target.provider,
                              .model = "model",
                              .ask_usage = false,
                              .reasoning_content = target.reasoning_content};
    // Names by which the encoders know what a model can do: images in results, thinking by budget.
    if (target.dialect == Dialect::gemini)
        needs.model = has(found, Feature::tool_result_image) ? "gemini-3-flash" : "gemini-2.5-flash";
    if (target.dialect == Dialect::anthropic) needs.model = "claude-sonnet-4-5";
    if (flip()) needs.max_tokens_field = "max_completion_tokens";
    needs.developer_as_system = flip();
    sent = wire::upstream_codec(target.dialect)->encode(translated, needs);
    json::Document document;
    if (auto parsed = document.parse(sent); !parsed) fail("no JSON: " + sent);
    const Conversation there{{}, std::string(needs.model), translated.stream};
    auto read = wire::client_codec(target.dialect)->decode(there.call(target.dialect), document);
    if (!read)
        fail(fmt::format("{} does not take {}: {}", wire::dialect_name(target.dialect), sent,
                         read.error()->message));
    return std::move(*read);
}

// Where an upstream has a rule that the table's row is too short for.
bool Translation::comparable(Feature feature, const Request& arrived) const {
    using Mode = Thinking::Mode;
    const auto& there = arrived.chat();
    const bool anthropic = target.dialect == Dialect::anthropic;
    const bool thinks = there.thinking.mode == Mode::budget || there.thinking.mode == Mode::adaptive;
    switch (feature) {
        case Feature::temperature:
            if (anthropic && asked.sampling.temperature && asked.sampling.top_p) return false;  // one of them
            [[fallthrough]];
        case Feature::top_k:
            return !anthropic || asked.dialect == Dialect::anthropic || !thinks;  // excludes them
        case Feature::thinking_budget:
            // Gemini's third generation has levels, which count before budgets. Anthropic allows none beside a forced
            // tool, nor where the history calls tools without the thinking before them.
            if (target.dialect == Dialect::gemini)
                return there.thinking.budget_tokens.has_value() || there.reasoning_effort.empty();
            return !anthropic || there.thinking.mode == Mode::budget;
        case Feature::opaque_state:
        case Feature::earlier_thinking:
            return feature == Feature::earlier_thinking && target.dialect == Dialect::ollama;
        default:
            return true;
    }
}

void Translation::check_content(const Request& arrived, std::string_view sent) const {
    const auto expected = as_mapped(asked, target);
    const bool beside = target.dialect == Dialect::ollama || asked.dialect == Dialect::ollama;
    const auto place = beside ? Place::message : Place::exact;
    const auto compare = [&](std::string_view name, const std::string& here, const std::string& there) {
        if (here != there) fail(fmt::format("{}\nsent    {}\narrived {}\nin {}", name, here, there, sent));
    };
    compare("calls", calls_text(expected), calls_text(arrived));
    compare("stream", asked.stream ? "yes" : "no", arrived.stream ? "yes" : "no");
    // Effort is compared where it is a name. The budgets of Anthropic and Gemini depend on models.
    if (target.dialect != Dialect::anthropic && target.dialect != Dialect::gemini)
        compare("effort", expected.chat().reasoning_effort, arrived.chat().reasoning_effort);
    // What the target has mapped, and mapped.cpp can express.
    static constexpr Feature kMapped[] = {Feature::system_in_the_middle, Feature::image_url,
                                          Feature::tool_result_image, Feature::tool_result_error,
                                          Feature::user};
    for (const auto& row : wire::feature_table()) {
        const auto what = support(row.feature);
        const bool by_rule =
            what == Support::mapped && std::ranges::find(kMapped, row.feature) != std::end(kMapped);
        if (!has(found, row.feature) || (what != Support::native && !by_rule) ||
            !comparable(row.feature, arrived))
            continue;
        compare(row.name, feature_text(expected, row.feature, place),
                feature_text(arrived, row.feature, place));
    }
    // What was dropped with a warning is really gone. Encoders add fields and signatures of their own.
    static constexpr Feature kAdded[] = {Feature::unknown_fields, Feature::opaque_state,
                                         Feature::earlier_thinking};
    const auto left = wire::features_of(arrived);
    for (const auto& row : wire::feature_table()) {
        if (support(row.feature) != Support::dropped ||
            std::ranges::find(kAdded, row.feature) != std::end(kAdded))
            continue;
        if (has(left, row.feature)) fail(fmt::format("{} is dropped, but arrived in {}", row.name, sent));
    }
}

void Translation::check() const {
    const auto translated = wire::translate_request(asked, target);
    const auto refused = std::ranges::find_if(wire::feature_table(), [&](const auto& row) {
        return has(found, row.feature) && support(row.feature) == Support::rejected;
    });
    if (refused != wire::feature_table().end()) {
        if (translated) fail(fmt::format("{} is not rejected", refused->name));
        return;
    }
    if (forces_lost_tool(asked)) {
        if (translated) fail("a forced tool that is not there");
        return;
    }
    if (!translated) fail("refused: " + translated.error()->message);
    check_warnings(translated->warnings);
    std::string sent;
    const auto there = arrived(translated->request, sent);
    check_content(there, sent);
}

// What clients of the dialect can send by its column, against what its codec decoded.
void check_from(Dialect client, const Features& found, const std::string& body) {
    for (const auto& row : wire::feature_table()) {
        if (has(found, row.feature) && !wire::can_send(client, row.feature))
            RC_FAIL(fmt::format("{}: {} is found, but not among what its clients can send\n{}",
                                wire::dialect_name(client), row.name, body));
    }
}

void check_one(Dialect client, int number, Features& seen) {
    // At full size from the first one on: rapidcheck's small sizes would leave most features out.
    const auto conversation =
        *rc::gen::resize(100, rc::gen::exec([client, number] {
                             return some_conversation(client, kSpoken[draw(std::size(kSpoken))], number);
                         }));
    json::Document document;
    if (!document.parse(conversation.body)) RC_FAIL("no JSON: " + conversation.body);
    const auto asked = wire::client_codec(client)->decode(conversation.call(client), document);
    if (!asked)
        RC_FAIL(fmt::format("{}: {} in {}", wire::dialect_name(client), asked.error()->message,
                            conversation.body));
    const auto found = wire::features_of(*asked);
    check_from(client, found, conversation.body);
    seen |= found;
    for (const auto dialect : kSpoken) {
        const bool openai = dialect == Dialect::openai || dialect == Dialect::responses;
        const wire::Target target{dialect, kProvider, openai && flip()};
        Translation{*asked, found, target, conversation.body}.check();
    }
}

void check_all(Dialect client) {
    Features seen;
    const auto name = std::string(wire::dialect_name(client)) + " to every dialect";
    int count = 0;
    const bool held = rc::check(name, [&] {
        check_one(client, *rc::gen::just(count++),
                  seen);  // drawn, so that it stays the same while rapidcheck shrinks
    });
    CHECK(held);
    if (!held) return;
    for (const auto& row : wire::feature_table()) {
        if (!wire::can_send(client, row.feature)) continue;
        if (row.feature == Feature::token_ids) continue;  // of completions and embeddings
        CHECK_MESSAGE(has(seen, row.feature), wire::dialect_name(client)
                                                  << ": no conversation had " << row.name);
    }
}

}  // namespace

TEST_CASE("pairs: requests of an OpenAI client arrive in every dialect") {
    check_all(Dialect::openai);
}
TEST_CASE("pairs: requests of a Responses client arrive in every dialect") {
    check_all(Dialect::responses);
}
TEST_CASE("pairs: requests of an Anthropic client arrive in every dialect") {
    check_all(Dialect::anthropic);
}
TEST_CASE("pairs: requests of a Gemini client arrive in every dialect") {
    check_all(Dialect::gemini);
}
TEST_CASE("pairs: requests of an Ollama client arrive in every dialect") {
    check_all(Dialect::ollama);
}

}  // namespace pairs_property_test

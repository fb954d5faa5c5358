// dialects: how each feature of a request is translated between two dialects. The page docs/dialects.md is this command's
// output (--markdown), which a test checks.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/terminal.h"
#include "text/json_writer.h"
#include "wire/translate/answer_features.h"
#include "wire/translate/features.h"

namespace hearth::cli {

namespace {

using exchange::Dialect;
using wire::FeatureRow;
using wire::Support;

constexpr Dialect kAll[] = {Dialect::openai, Dialect::responses, Dialect::anthropic, Dialect::gemini,
                            Dialect::ollama, Dialect::llama,     Dialect::engine};
constexpr std::span<const Dialect> kClients(kAll, std::size(kAll) - 1);  // the engine sends no requests

std::size_t at(Dialect dialect) {
    return static_cast<std::size_t>(dialect);
}

using SupportByDialect = std::array<Support, exchange::kDialects>;  // by dialect

void write_support(json::Writer& w, std::span<const Dialect> dialects, const SupportByDialect& to) {
    w.key("to").begin_object();
    for (const auto dialect : dialects)
        w.member(exchange::dialect_name(dialect), wire::support_name(to[at(dialect)]));
    w.end_object();
}

// A table's head; `first`: its columns before the dialects', "A | B".
std::string markdown_head(std::string_view first, std::span<const Dialect> dialects) {
    auto out = fmt::format("| {} |", first);
    for (const auto dialect : dialects) out += fmt::format(" {} |", exchange::dialect_name(dialect));
    out += " How |\n|";
    const auto columns = std::ranges::count(out, '|') - 2;
    for (auto i = columns; i > 0; --i) out += "---|";
    return out + "\n";
}

std::string markdown_row(std::string_view first, std::span<const Dialect> dialects,
                         const SupportByDialect& to, std::string_view note) {
    auto out = fmt::format("| {} |", first);
    for (const auto dialect : dialects) out += fmt::format(" {} |", wire::support_name(to[at(dialect)]));
    return out + fmt::format(" {} |\n", note);
}

std::string sources(const FeatureRow& row, std::string_view between) {
    std::string out;
    for (const auto dialect : kAll) {
        if (!row.from[at(dialect)]) continue;
        if (!out.empty()) out += between;
        out += exchange::dialect_name(dialect);
    }
    return out;
}

std::string as_json() {
    std::string out;
    json::Writer w(out);
    w.begin_object().key("features").begin_array();
    for (const auto& row : wire::feature_table()) {
        w.begin_object().member("name", row.name).member("what", row.what).key("from").begin_array();
        for (const auto dialect : kAll) {
            if (row.from[at(dialect)]) w.string(exchange::dialect_name(dialect));
        }
        w.end_array();
        write_support(w, kAll, row.to);
        w.member("how", row.note).end_object();
    }
    w.end_array().key("answers").begin_array();
    for (const auto& row : wire::answer_table()) {
        w.begin_object().member("name", row.name).member("what", row.what);
        write_support(w, kClients, row.to);
        w.member("how", row.note).end_object();
    }
    w.end_array().end_object();
    out += '\n';
    return out;
}

constexpr std::string_view kIntroduction =
    R"(# Translation of requests and answers between dialects

This page is the output of `hearth dialects --markdown`. Its source is `src/wire/translate/feature_table.cpp`, which controls
the translating code, and `src/wire/translate/answer_features.cpp`.

With the same dialect on both sides nothing is translated. The client's original bytes are sent with a few edits (model name,
credentials, the provider's quirks), and the answer is relayed unchanged.

Otherwise a feature that the client's dialect supports (*from*) is, in the column's dialect:

- **native**: supported by the dialect;
- **mapped**: expressed in another way, described in the last column;
- **dropped**: removed. The answer's `x-hearth-warning` header and the ledger name the feature and the removed part;
- **rejected**: not sent there. The next candidate is tried, or the client gets an error that names the feature.

`engine` is Hearth's own engine; `llama` is llama.cpp's own API.

## Requests

)";
constexpr std::string_view kOfAnswers = R"(
## Answers

How parts of an answer, from a model server of any dialect or from the engine, reach a client of the column's dialect. Dropped
parts are listed in the ledger (and in `x-hearth-warning`, when the answer is not streamed), except for numbers that have
their own columns in the ledger.

)";

std::string as_markdown() {
    std::string out(kIntroduction);
    out += markdown_head("Feature | From", kAll);
    for (const auto& row : wire::feature_table()) {
        const auto first = fmt::format("`{}`: {} | {}", row.name, row.what, sources(row, ", "));
        out += markdown_row(first, kAll, row.to, row.note);
    }
    out += kOfAnswers;
    out += markdown_head("In the answer", kClients);
    for (const auto& row : wire::answer_table())
        out += markdown_row(fmt::format("`{}`: {}", row.name, row.what), kClients, row.to, row.note);
    return out;
}

Style style_of(Support support) {
    return support == Support::rejected  ? Style::red
           : support == Support::dropped ? Style::yellow
                                         : Style::plain;
}

int pair(Context& context, const std::string& from_name, const std::string& to_name) {
    const auto from = exchange::parse_dialect(from_name), to = exchange::parse_dialect(to_name);
    if (!from || !to) {
        auto error = fail(
            Code::invalid_request,
            fmt::format(
                "'{}' is not a dialect: use openai, responses, anthropic, gemini, ollama, llama, engine.",
                from ? to_name : from_name));
        return report(context, error.error());
    }
    Table table({{"FEATURE"}, {"TRANSLATION"}, {"HOW"}});
    for (const auto& row : wire::feature_table()) {
        if (!row.from[at(*from)]) continue;
        const auto support = row.to[at(*to)];
        table.add({std::string(row.what), styled(wire::support_name(support), style_of(support)),
                   support == Support::mapped ? std::string(row.note) : std::string()});
    }
    print(table.render(is_terminal(stdout)));
    if (*from == Dialect::engine) return kDone;  // it sends no requests
    Table back({{"PART OF THE ANSWER"}, {"TRANSLATION"}, {"HOW"}});
    for (const auto& row : wire::answer_table()) {
        const auto support = row.to[at(*from)];
        back.add({std::string(row.what), styled(wire::support_name(support), style_of(support)),
                  support == Support::mapped ? std::string(row.note) : std::string()});
    }
    print("\n" + back.render(is_terminal(stdout)));
    return kDone;
}

int dialects(Context& context, const Arguments& arguments) {
    const auto& names = arguments.positional();
    if (arguments.has("--markdown")) {
        print(as_markdown());
        return kDone;
    }
    if (context.json) {
        print(as_json());
        return kDone;
    }
    if (names.size() == 2) return pair(context, names[0], names[1]);
    if (names.size() == 1) {
        auto error =
            fail(Code::invalid_request, "Give two dialects or none: hearth dialects anthropic openai.");
        return report(context, error.error());
    }
    Table table({{"FEATURE"}, {"LOST IN"}, {"REFUSED BY"}});
    for (const auto& row : wire::feature_table()) {
        std::string dropped, rejected;
        for (const auto dialect : kAll) {
            const auto support = row.to[at(dialect)];
            auto& list = support == Support::dropped ? dropped : rejected;
            if (support != Support::dropped && support != Support::rejected) continue;
            if (!list.empty()) list += ' ';
            list += exchange::dialect_name(dialect);
        }
        if (!dropped.empty() || !rejected.empty()) table.add({std::string(row.what), dropped, rejected});
    }
    print(table.render(is_terminal(stdout)));
    print(
        "\nAll other features are supported between all dialects. For two of them: hearth dialects anthropic "
        "openai\n");
    return kDone;
}

constexpr Option kDialectsOptions[] = {{"--markdown", "", "the page docs/dialects.md"}};

}  // namespace

const Command kDialects{.name = "dialects",
                        .group = Group::inspect,
                        .arguments = "[FROM TO]",
                        .min = 0,
                        .max = 2,
                        .summary = "Show how requests are translated between two dialects",
                        .options = kDialectsOptions,
                        .details =
                            "Examples:\n"
                            "  hearth dialects                    features without full support\n"
                            "  hearth dialects anthropic openai   an Anthropic client on a chat upstream\n",
                        .run = dialects};

}  // namespace hearth::cli

// dialects: what becomes of each feature of a request between two dialects. The page docs/dialects.md is this command's
// own output (--markdown), held to it by a test.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "cli/commands.h"
#include "cli/terminal.h"
#include "text/json_writer.h"
#include "wire/dialects.h"

namespace hearth::cli {

namespace {

using wire::DialectRow;
using wire::Support;
using Rows = std::vector<const DialectRow*>;

Rows all_dialects() {
    const auto rows = wire::dialects();
    return {rows.begin(), rows.end()};
}

Rows client_dialects() {
    auto rows = all_dialects();
    std::erase_if(rows, [](const DialectRow* row) { return !row->client; });
    return rows;
}

const wire::Cell& cell(const DialectRow& dialect, const wire::FeatureRow& row) {
    return (*dialect.requests)[row.feature];
}
const wire::Cell& cell(const DialectRow& dialect, const wire::AnswerRow& row) {
    return (*dialect.answers)[row.feature];
}

template <class Row>
void write_support(json::Writer& w, const Rows& dialects, const Row& row) {
    w.key("to").begin_object();
    for (const auto* const dialect : dialects)
        w.member(dialect->name, wire::support_name(cell(*dialect, row).support));
    w.end_object();
}

// What the feature's row says, then what single dialects say instead: "as text; anthropic: as text and ...".
template <class Row>
std::string how(const Rows& dialects, const Row& row) {
    std::string out(row.how);
    for (const auto* const dialect : dialects) {
        const auto own = cell(*dialect, row).how;
        if (own.empty()) continue;
        fmt::format_to(std::back_inserter(out), "{}{}: {}", out.empty() ? "" : "; ", dialect->name, own);
    }
    return out;
}

// A table's head; `first`: its columns before the dialects', "A | B".
std::string markdown_head(std::string_view first, const Rows& dialects) {
    auto out = fmt::format("| {} |", first);
    for (const auto* const dialect : dialects) out += fmt::format(" {} |", dialect->name);
    out += " How |\n|";
    const auto columns = std::ranges::count(out, '|') - 2;
    for (auto i = columns; i > 0; --i) out += "---|";
    return out + "\n";
}

template <class Row>
std::string markdown_row(std::string_view first, const Rows& dialects, const Row& row) {
    auto out = fmt::format("| {} |", first);
    for (const auto* const dialect : dialects)
        out += fmt::format(" {} |", wire::support_name(cell(*dialect, row).support));
    return out + fmt::format(" {} |\n", how(dialects, row));
}

std::vector<std::string_view> sources(const wire::FeatureRow& row) {
    std::vector<std::string_view> names;
    for (const auto* const dialect : wire::dialects()) {
        if (dialect->requests->can_send(row.feature)) names.push_back(dialect->name);
    }
    return names;
}

std::string as_json() {
    const auto all = all_dialects(), clients = client_dialects();
    std::string out;
    json::Writer w(out);
    w.begin_object().key("features").begin_array();
    for (const auto& row : wire::feature_table()) {
        w.begin_object().member("name", row.name).member("what", row.what).key("from").begin_array();
        for (const auto name : sources(row)) w.string(name);
        w.end_array();
        write_support(w, all, row);
        w.member("how", how(all, row)).end_object();
    }
    w.end_array().key("answers").begin_array();
    for (const auto& row : wire::answer_table()) {
        w.begin_object().member("name", row.name).member("what", row.what);
        write_support(w, clients, row);
        w.member("how", how(clients, row)).end_object();
    }
    w.end_array().end_object();
    out += '\n';
    return out;
}

constexpr std::string_view kIntroduction =
    R"(# What becomes of a request and its answer between dialects

This page is the output of `hearth dialects --markdown`. The features are rows of `src/wire/translate/feature_table.cpp` and
`src/wire/translate/answer_features.cpp`; each dialect's column stands in its folder (`src/wire/<dialect>/dialect.cpp`). The
code that translates obeys the same tables.

If client and provider use the same dialect, nothing of this applies: the client's own bytes go out with the listed edits (the
model's name, credentials, what the provider's quirks need), and the answer comes back in its own bytes.

In a translation, a feature that clients of the dialects under *From* can send is, in a request to the column's dialect:

- **native**: supported by the dialect;
- **mapped**: expressed in another way, given in the last column;
- **dropped**: removed. The answer's `x-hearth-warning` header and the ledger name the feature and what was removed;
- **rejected**: not sent there. The next candidate is tried, or the client gets an error that names the feature.

`engine` is Hearth's own engine; `llama` is llama.cpp's own API.

## Requests

)";
constexpr std::string_view kOfAnswers = R"(
## Answers

What becomes of the parts of an answer, from a model server of any dialect or from the engine, for a client of the column's
dialect. What is dropped stands in the ledger (and in `x-hearth-warning`, when the answer is not streamed), except for numbers
that have columns of their own in the ledger.

)";

std::string as_markdown() {
    const auto all = all_dialects(), clients = client_dialects();
    std::string out(kIntroduction);
    out += markdown_head("Feature | From", all);
    for (const auto& row : wire::feature_table()) {
        const auto first = fmt::format("`{}`: {} | {}", row.name, row.what, fmt::join(sources(row), ", "));
        out += markdown_row(first, all, row);
    }
    out += kOfAnswers;
    out += markdown_head("In the answer", clients);
    for (const auto& row : wire::answer_table())
        out += markdown_row(fmt::format("`{}`: {}", row.name, row.what), clients, row);
    return out;
}

Style style_of(Support support) {
    return support == Support::rejected  ? Style::red
           : support == Support::dropped ? Style::yellow
                                         : Style::plain;
}

template <class Row>
void add_row(Table& table, const DialectRow& dialect, const Row& row) {
    const auto& [support, own] = cell(dialect, row);
    const auto mapped = own.empty() ? row.how : own;
    table.add({std::string(row.what), styled(wire::support_name(support), style_of(support)),
               support == Support::mapped ? std::string(mapped) : std::string()});
}

int pair(Context& context, const std::string& from_name, const std::string& to_name) {
    const auto from = wire::parse_dialect(from_name), to = wire::parse_dialect(to_name);
    if (!from || !to) {
        auto error =
            fail(Code::invalid_request, fmt::format("'{}' is not a dialect: {}.", from ? to_name : from_name,
                                                    wire::dialect_names(wire::Side::any)));
        return report(context, error.error());
    }
    const auto &client = wire::dialect_row(*from), &target = wire::dialect_row(*to);
    Table table({{"FEATURE"}, {"SUPPORT"}, {"HOW"}});
    for (const auto& row : wire::feature_table()) {
        if (client.requests->can_send(row.feature)) add_row(table, target, row);
    }
    print(table.render(is_terminal(stdout)));
    if (!client.answers) return kDone;
    Table back({{"IN THE ANSWER"}, {"SUPPORT"}, {"HOW"}});
    for (const auto& row : wire::answer_table()) add_row(back, client, row);
    print("\n" + back.render(is_terminal(stdout)));
    return kDone;
}

void print_overview() {
    Table table({{"FEATURE"}, {"DROPPED BY"}, {"REJECTED BY"}});
    for (const auto& row : wire::feature_table()) {
        std::vector<std::string_view> dropped, rejected;
        for (const auto* const dialect : wire::dialects()) {
            const auto support = cell(*dialect, row).support;
            if (support == Support::dropped) dropped.push_back(dialect->name);
            if (support == Support::rejected) rejected.push_back(dialect->name);
        }
        if (!dropped.empty() || !rejected.empty())
            table.add({std::string(row.what), fmt::format("{}", fmt::join(dropped, " ")),
                       fmt::format("{}", fmt::join(rejected, " "))});
    }
    print(table.render(is_terminal(stdout)));
    print(
        "\nEverything else is native or mapped in all dialects. For one pair: hearth dialects anthropic "
        "openai\n");
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
    print_overview();
    return kDone;
}

constexpr Option kDialectsOptions[] = {{"--markdown", "", "print the page docs/dialects.md"}};

}  // namespace

const Command kDialects{
    .name = "dialects",
    .group = Group::inspect,
    .arguments = "[FROM TO]",
    .min = 0,
    .max = 2,
    .summary = "Show what becomes of a request between two dialects",
    .options = kDialectsOptions,
    .details =
        "Examples:\n"
        "  hearth dialects                    features that some dialect drops or rejects\n"
        "  hearth dialects anthropic openai   an Anthropic client and an OpenAI upstream\n",
    .run = dialects};

}  // namespace hearth::cli

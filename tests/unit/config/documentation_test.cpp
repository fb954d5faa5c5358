// docs/configuration.md against the schema: every key is described, with the default that the code has. That every key is
// read by the product is checked by tests/tidy (unread_settings).
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "config/schema.h"

namespace documentation_test {

using namespace hearth;
using namespace hearth::config;

namespace {

// Keys of the page's examples: table -> key -> whether it stands there as a comment ("# local = ...").
using Documented = std::map<std::string, std::map<std::string, bool>>;

std::string page() {
    std::ifstream file(HEARTH_SOURCE_DIR "/docs/configuration.md");
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

// The code blocks of the page below its headline `from`.
std::vector<std::string> examples(const std::string& markdown, std::string_view from) {
    std::vector<std::string> blocks;
    auto at = markdown.find(from);
    REQUIRE(at != std::string::npos);
    while ((at = markdown.find("```toml\n", at)) != std::string::npos) {
        at += 8;
        const auto end = markdown.find("```", at);
        REQUIRE(end != std::string::npos);
        blocks.push_back(markdown.substr(at, end - at));
        at = end + 3;
    }
    REQUIRE_FALSE(blocks.empty());
    return blocks;
}

void read_keys(std::string_view block, Documented& out) {
    std::string table;
    while (!block.empty()) {
        auto line = block.substr(0, block.find('\n'));
        block.remove_prefix(std::min(line.size() + 1, block.size()));
        if (line.starts_with('[')) {
            table = line.substr(1, line.find(']') - 1);
            out[table];
            continue;
        }
        const bool comment = line.starts_with("# ");
        if (comment) line.remove_prefix(2);
        const auto name = line.substr(0, line.find(" = "));
        if (name.size() == line.size() || name.contains(' ')) continue;
        out[table].emplace(name, comment);
    }
}

// Where every key has its default: "Everything, with its default", and the tables of which there are many.
const Documented& documented() {
    static const auto keys = [] {
        Documented out;
        for (const auto& block : examples(page(), "## Everything, with its default")) read_keys(block, out);
        return out;
    }();
    return keys;
}

void check_documented(const std::string& table, const std::vector<Field>& fields) {
    for (const auto& field : fields) {
        const auto inner = table + "." + std::string(field.name);
        CAPTURE(inner);
        if (!field.members.empty()) {
            check_documented(inner, field.members);
        } else if (field.each) {
            CHECK(page().contains("[" + inner + "]"));
        } else {
            const auto found = documented().find(table);
            const bool described =
                found != documented().end() && found->second.contains(std::string(field.name));
            CHECK(described);
        }
    }
}

}  // namespace

TEST_CASE("every key of the schema is documented") {
    Config config;
    Project project;
    Provider provider;
    for (const auto& section : fixed_sections(config, {}))
        check_documented(std::string(section.name), section.fields);
    check_documented("projects.default", project_fields(project));
    check_documented("providers.openai", provider_fields(provider, {}));
}

TEST_CASE("the documented defaults are those of the code") {
    const Home home{"/home/ada/.hearth"};
    const auto block = examples(page(), "## Everything, with its default").front();
    const auto report = check_text(home, Environment(), {}, block, "configuration.md");
    for (const auto& error : report.errors) MESSAGE(error.to_string());
    REQUIRE(report.config);
    Config defaults, written = *report.config;
    const auto expected = fixed_sections(defaults, {});
    const auto found = fixed_sections(written, {});
    // Without a value until somebody sets one, so that the page can only show an example, as a comment.
    const std::set<std::string> unset{"policy default", "client ca_file", "route local", "ledger path",
                                      "log file"};
    std::set<std::string> comments;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const std::string section(expected[i].name);
        for (std::size_t j = 0; j < expected[i].fields.size(); ++j) {
            const auto& field = expected[i].fields[j];
            const auto key = section + " " + std::string(field.name);
            CAPTURE(key);
            const auto& keys = documented().at(section);
            const auto line = keys.find(std::string(field.name));
            if (line != keys.end() && line->second) comments.insert(key);
            if (section == "policy" && !unset.contains(key)) continue;  // not set means a verdict: below
            CHECK(field.storage.equal(field.storage.at, found[i].fields[j].storage.at));
        }
    }
    CHECK(comments == unset);
    CHECK(written.policy.offline == defaults.policy.offline);
    for (const auto place : {Place::local, Place::loopback, Place::lan, Place::cloud}) {
        CHECK(written.policy.of(place) == defaults.policy.of(place));
    }
}

TEST_CASE("the page names the sections whose keys have variables") {
    Config config;
    const auto text = page();
    const auto begin = text.find("Every key of ");
    const auto end = text.find("has a variable", begin);
    REQUIRE(end != std::string::npos);
    const auto sentence = text.substr(begin, end - begin);
    for (const auto& section : fixed_sections(config, {})) {
        CAPTURE(section.name);
        CHECK(sentence.contains("`[" + std::string(section.name) + "]`"));
    }
}

TEST_CASE("the page lists the keys that need a restart") {
    Config config;
    const auto text = page();
    const auto begin = text.find("take effect at the next start:");
    const auto end = text.find("\n## ", begin);
    REQUIRE(end != std::string::npos);
    const auto list = text.substr(begin, end - begin);
    for (const auto& section : fixed_sections(config, {})) {
        const auto at = list.find("- `[" + std::string(section.name) + "]` ");
        const auto line = at == std::string::npos ? "" : list.substr(at, list.find('\n', at) - at);
        for (const auto& field : section.fields) {
            const auto key = std::string(section.name) + " " + std::string(field.name);
            CAPTURE(key);
            CHECK(line.contains("`" + std::string(field.name) + "`") == field.needs_restart);
        }
    }
}

}  // namespace documentation_test

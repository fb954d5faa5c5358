// The one way to a snapshot: file, then variables, then flags, each through the same schema; then what only the whole
// can tell. Every error is collected, so that a person repairs a file once.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/nearest.h"
#include "config/rules.h"
#include "config/schema.h"
#include "text/url.h"
#include "text/utf8.h"

namespace hearth::config {

namespace {

std::string env_name(std::string_view section, std::string_view field) {
    auto name = fmt::format("HEARTH_{}_{}", section, field);
    for (auto& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    return name;
}

// One document on its way into a Config.
class FileReader {
  public:
    FileReader(Config& config, Report& report, std::string_view text, std::string_view name)
        : config_(config), report_(report), text_(text), name_(name), base_(base_of(config)) {}

    void read() {
        Node root;
        Diagnostic broken;
        if (!parse_toml(text_, name_, root, broken)) {
            broken.excerpt = excerpt(broken.line);
            // A line that cannot be read may hold a secret where nobody expects it.
            for (const auto word : {"key", "token", "secret", "authorization", "password"}) {
                if (broken.excerpt.find(word) != std::string::npos) broken.excerpt.clear();
            }
            report_.errors.push_back(std::move(broken));
            return;
        }
        const auto sections = fixed_sections(config_, base_);
        std::vector<std::string_view> names{"projects", "providers"};
        for (const auto& section : sections) names.push_back(section.name);
        for (const auto& member : root.members) {
            const auto found = std::ranges::find(sections, member.key, &Section::name);
            if (member.key == "projects" || member.key == "providers") {
                named(member);
            } else if (found == sections.end()) {
                add(member.at, unknown(member.value.kind == Node::Kind::table ? "section" : "key", member.key,
                                       "", names));
            } else if (expect_table(member)) {
                table(member.value, found->fields, "[" + member.key + "]");
            }
        }
    }

  private:
    static std::filesystem::path base_of(const Config& config) {
        return config.file.empty() ? config.home.root : config.file.parent_path();
    }

    void add(Position at, std::string message, bool show = true) {
        report_.errors.push_back({.where = std::string(name_),
                                  .line = at.line,
                                  .column = at.column,
                                  .message = std::move(message),
                                  .excerpt = show ? excerpt(at.line) : ""});
    }

    std::string excerpt(std::uint32_t line) const {
        auto rest = text_;
        for (std::uint32_t i = 1; i < line && !rest.empty(); ++i) {
            rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
        }
        return text::printable(rest.substr(0, rest.find('\n')), 160);
    }

    static std::string unknown(std::string_view what, std::string_view key, std::string_view where,
                               const std::vector<std::string_view>& known) {
        auto message = fmt::format("unknown {} \"{}\"{}{}", what, text::printable(key),
                                   where.empty() ? "" : " in ", where);
        if (const auto near = nearest_word(key, known); !near.empty()) {
            return message + fmt::format("; did you mean \"{}\"?", near);
        }
        return message + fmt::format("; known are: {}", fmt::join(known, ", "));
    }

    bool expect_table(const Node::Member& member) {
        if (member.value.kind == Node::Kind::table) return true;
        add(member.at, fmt::format("{} must be a table ([{}]), but is {}", member.key, member.key,
                                   member.value.kind_name()));
        return false;
    }

    void table(const Node& node, const std::vector<Field>& fields, const std::string& where) {
        for (const auto& member : node.members) {
            const auto field = std::ranges::find(fields, member.key, &Field::name);
            if (field == fields.end()) {
                std::vector<std::string_view> known;
                for (const auto& one : fields) known.push_back(one.name);
                add(member.at, unknown("key", member.key, where, known));
            } else if (field->set) {
                if (const auto wrong = field->set(member.value); !wrong.empty())
                    mismatch(*field, member, where, wrong);
            } else if (member.value.kind != Node::Kind::table) {
                mismatch(*field, member, where, "a table");
            } else if (field->each) {
                for (const auto& child : member.value.members) {
                    const auto wrong = field->each(child.key, child.value);
                    if (!wrong.empty()) mismatch(*field, child, where + " " + member.key, wrong);
                }
            } else {
                table(member.value, field->members, where + " " + member.key);
            }
        }
    }

    void mismatch(const Field& field, const Node::Member& member, const std::string& where,
                  const std::string& wrong) {
        const auto at = member.value.at.line > 0 ? member.value.at : member.at;
        add(at,
            fmt::format("{} {}: expected {}, found {}", where, text::printable(member.key), wrong,
                        member.value.kind_name()),
            !field.quiet);
    }

    // [projects.NAME] and [providers.NAME]
    void named(const Node::Member& kind) {
        if (!expect_table(kind)) return;
        const bool projects = kind.key == "projects";
        for (const auto& member : kind.value.members) {
            const auto wrong = projects ? rules::id(member.key) : rules::provider_id(member.key);
            const auto where = fmt::format("[{}.{}]", kind.key, text::printable(member.key));
            if (!wrong.empty()) {
                add(member.at, fmt::format("{}: expected {}", where, wrong));
            } else if (member.value.kind != Node::Kind::table) {
                add(member.at, fmt::format("{} must be a table, but is {}", where, member.value.kind_name()));
            } else if (projects) {
                auto& project = config_.projects[member.key];
                project.name = member.key;
                table(member.value, project_fields(project), where);
            } else {
                auto& provider = config_.providers[member.key];
                provider.id = member.key;
                table(member.value, provider_fields(provider, base_), where);
                check_provider(provider, member.at, where);
            }
        }
    }

    void check_provider(const Provider& provider, Position at, const std::string& where) {
        const auto url = text::parse_url(provider.base_url);
        const bool has_secret = !provider.key_env.empty() || !provider.key_file.empty() ||
                                !provider.headers.empty() || provider.pass_client_credentials;
        if (url && !url->tls() && has_secret && !rules::loopback_host(url->host)) {
            add(at, fmt::format("{}: a key, headers or the client's credentials never go over plain http to "
                                "another machine; "
                                "use https in base_url",
                                where));
        }
    }

    Config& config_;
    Report& report_;
    std::string_view text_, name_;
    std::filesystem::path base_;
};

void read_environment(Config& config, const Environment& env, Report& report) {
    const auto sections = fixed_sections(config, config.home.root);
    std::vector<std::string> known;
    const auto apply = [&](const std::string& name, const Field& field) {
        const auto value = env.get(name);
        if (!value) return;
        if (const auto wrong = field.set(node_of_text(*value, field.list)); !wrong.empty()) {
            report.errors.push_back({.where = name, .message = "expected " + wrong});
        }
    };
    for (const auto& section : sections) {
        for (const auto& field : section.fields) {
            if (!field.set) continue;
            known.push_back(env_name(section.name, field.name));
            if (section.name == "server" && field.name == "listen") apply("HEARTH_LISTEN", field);
            if (section.name == "policy" && field.name == "offline") apply("HEARTH_OFFLINE", field);
            apply(known.back(), field);
        }
    }
    // Other HEARTH_ variables belong to somebody else (a build, a test); these are surely meant for us.
    for (const auto& [name, value] : env.all()) {
        const bool ours = std::ranges::any_of(
            sections, [&](const Section& section) { return name.starts_with(env_name(section.name, "")); });
        if (!ours || std::ranges::find(known, name) != known.end()) continue;
        const auto near = nearest_word(name, known);
        report.warnings.push_back({.where = name,
                                   .message = "no setting has this variable and it is ignored" +
                                              (near.empty() ? "" : "; did you mean " + near + "?")});
    }
}

void read_flags(Config& config, const Flags& flags, Report& report) {
    if (!flags.listen.empty()) {
        config.server.listen.clear();
        for (const auto& text : flags.listen) {
            Listen one;
            const auto wrong = rules::listen(text, one);
            if (!wrong.empty()) {
                report.errors.push_back(
                    {.where = "--listen",
                     .message = "expected " + wrong + ", found \"" + text::printable(text) + "\""});
            }
            config.server.listen.push_back(std::move(one));
        }
    }
    if (flags.offline) config.policy.offline = true;
    if (flags.log_level) {
        const auto sections = fixed_sections(config, config.home.root);
        const auto& log = std::ranges::find(sections, "log", &Section::name)->fields;
        const auto wrong =
            std::ranges::find(log, "level", &Field::name)->set(node_of_text(*flags.log_level, false));
        if (!wrong.empty()) report.errors.push_back({.where = "--log-level", .message = "expected " + wrong});
    }
}

void check_whole(const Config& config, Report& report) {
    const auto& listen = config.server.listen;
    for (std::size_t i = 0; i < listen.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (listen[i].port != 0 && listen[i].to_string() == listen[j].to_string()) {
                report.errors.push_back(
                    {.where = "listen", .message = listen[i].to_string() + " is listed twice"});
            }
        }
    }
    for (const auto& [name, project] : config.projects) {
        for (const auto& provider : project.allow_providers) {
            if (std::ranges::find(project.deny_providers, provider) != project.deny_providers.end()) {
                report.warnings.push_back(
                    {.where = "[projects." + name + "]",
                     .message = provider + " is both allowed and denied: it is denied"});
            }
        }
    }
}

Report finish(std::shared_ptr<Config> config, Report report, const Environment& env, const Flags& flags) {
    std::ranges::stable_sort(report.errors, {},
                             [](const Diagnostic& d) { return std::pair(d.line, d.column); });
    read_environment(*config, env, report);
    read_flags(*config, flags, report);
    check_whole(*config, report);
    if (report.errors.empty()) report.config = std::move(config);
    return report;
}

// Why not; empty when `text` holds the file.
std::string read_whole(const std::filesystem::path& path, std::string& text) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) return "it is a directory";
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::strerror(errno);
    text.resize(kFileBytes + 1);  // one more than allowed, so that too long shows
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return file.bad() ? "the disk did not give it" : "";
}

}  // namespace

Report check_text(const Home& home, const Environment& env, const Flags& flags, std::string_view toml,
                  std::string_view name) {
    auto config = std::make_shared<Config>();
    config->home = home;
    Report report;
    FileReader(*config, report, toml, name).read();
    return finish(std::move(config), std::move(report), env, flags);
}

Report check(const Home& home, const Environment& env, const Flags& flags) {
    auto config = std::make_shared<Config>();
    config->home = home;
    Report report;
    const auto from_env = env.get("HEARTH_CONFIG");
    const auto path = flags.file ? *flags.file
                      : from_env ? std::filesystem::path(*from_env)
                                 : home.config_file();
    std::error_code ignored;
    const bool named = flags.file || from_env;
    if (named || std::filesystem::exists(path, ignored)) {
        std::string text;
        if (const auto why = read_whole(path, text); !why.empty()) {
            report.errors.push_back({.where = path.string(), .message = "cannot be read: " + why});
        } else {
            config->file = std::filesystem::absolute(path, ignored);
            FileReader(*config, report, text, path.string()).read();
        }
    }
    return finish(std::move(config), std::move(report), env, flags);
}

Result<Snapshot> load(const Home& home, const Environment& env, const Flags& flags) {
    auto report = check(home, env, flags);
    if (report.config) return std::move(report.config);
    auto message = report.errors.front().to_string();
    if (report.errors.size() > 1) {
        message += fmt::format(" (and {} more: `hearth config check` lists them)", report.errors.size() - 1);
    }
    return fail(Code::config, message);
}

}  // namespace hearth::config

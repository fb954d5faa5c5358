#include "cli/checks.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/daemon.h"
#include "config/keys.h"
#include "models/memory.h"
#include "models/store.h"
#include "provider/provider.h"
#include "store/backends.h"

namespace hearth::cli {

namespace {

using State = Finding::State;

// Tries to listen on the addresses of `serve`, except those used by a running Hearth of this home.
std::string cannot_listen(const config::Listen& where) {
    const bool v6 = where.host.find(':') != std::string::npos;
    const int fd = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return std::strerror(errno);
    const int on = 1;
    (void)::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    int bound = -1;
    if (v6) {
        sockaddr_in6 address{.sin6_family = AF_INET6, .sin6_port = htons(where.port)};
        (void)::inet_pton(AF_INET6, where.host.c_str(), &address.sin6_addr);
        bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    } else {
        sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(where.port)};
        const auto host = where.host == "localhost" ? std::string("127.0.0.1") : where.host;
        (void)::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
        bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    const int why = bound == 0 && ::listen(fd, 1) == 0 ? 0 : errno;
    (void)::close(fd);
    return why == 0 ? "" : std::strerror(why);
}

Finding check_home(const Context& context) {
    if (auto made = context.home.create(); !made) {
        return {State::bad, "home", made.error()->message, "set HEARTH_HOME to a folder that you own"};
    }
    return {State::good, "home", context.home.root.string() + " is writable", ""};
}

Finding check_address(const Context& context, const config::Config& config) {
    if (const auto daemon = config::running_daemon(context.home)) {
        return {State::good, "address",
                fmt::format("Hearth is running on {} (process {})", daemon->address, daemon->pid), ""};
    }
    for (const auto& where : config.server.listen) {
        if (const auto why = cannot_listen(where); !why.empty()) {
            return {State::bad, "address", fmt::format("cannot listen on {}: {}", where.to_string(), why),
                    "stop the program that uses it, or choose another with --listen"};
        }
    }
    return {State::good, "address",
            config.server.listen.front().to_string() + " is free; no Hearth is running", ""};
}

Finding check_access(const Context& context, const config::Config& config) {
    const auto keys = config::KeyStore::load(context.home.keys());
    if (!keys) return {State::bad, "keys", keys.error()->message, "see above"};
    for (const auto& where : config.server.listen) {
        if (!where.loopback() && keys->empty()) {
            return {State::bad, "keys",
                    where.to_string() + " is reachable by others, and there is no key: serve will not start",
                    "hearth key add NAME"};
        }
    }
    const auto count = keys->list().size();
    return {State::good, "keys",
            count == 0 ? "none required on loopback" : fmt::format("{} for clients", count), ""};
}

std::filesystem::path program_folder() {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

Finding check_engine() {
    const auto program = program_folder() / "hearth-engine";
    if (::access(program.c_str(), X_OK) != 0) {
        return {State::bad, "engine", fmt::format("{} is missing: no local model can run", program.string()),
                "./dev build"};
    }
    return {State::good, "engine", program.string(), ""};
}

Finding check_builtin_model() {
    const auto path = models::find_builtin();
    if (path.empty() || ::access(path.c_str(), R_OK) != 0) {
        return {State::warning, "spark", "the built-in model is missing",
                "./dev build, or set HEARTH_SPARK to spark.gguf"};
    }
    return {State::good, "spark", path, ""};
}

// The kernel's support for confining a model's process: landlock(7), seccomp(2).
Finding check_confinement() {
    constexpr unsigned kVersionFlag = 1;  // LANDLOCK_CREATE_RULESET_VERSION
    const long landlock = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kVersionFlag);
    const bool seccomp = ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
    if (landlock < 1 || !seccomp) {
        return {State::warning, "confinement",
                fmt::format("this kernel has {} and {}: models run with less protection",
                            landlock < 1 ? "no Landlock" : "Landlock", seccomp ? "seccomp" : "no seccomp"),
                "Linux 5.13 or newer with Landlock enabled; [engine] require_confinement = true requires "
                "it"};
    }
    return {State::good, "confinement", fmt::format("seccomp and Landlock version {}", landlock), ""};
}

void check_providers(const Context& context, const config::Config& config, std::vector<Finding>& out) {
    const auto registry = provider::Registry::build(config, context.env);
    if (!registry) {
        out.push_back({State::bad, "providers", registry.error()->message, "hearth config check"});
        return;
    }
    std::string clouds, local;
    for (const auto& one : registry->all()) {
        if (!one.key.empty() && one.enabled) {
            clouds += fmt::format("{}{} ({})", clouds.empty() ? "" : ", ", one.id, one.key_from);
        }
        if (one.runtime != provider::Runtime::none && one.base && one.enabled &&
            provider::is_loopback_host(one.base->host)) {
            const HttpClient server(one.base->authority());
            if (server.send({.target = "/", .silence = std::chrono::milliseconds(1000)})) {
                local += fmt::format("{}{} on {}", local.empty() ? "" : ", ", one.id, one.base->authority());
            }
        }
    }
    for (const auto& warning : registry->warnings())
        out.push_back({State::warning, "providers", warning, "hearth config check"});
    out.push_back({State::good, "provider keys",
                   clouds.empty() ? "none found: only local models are available" : clouds, ""});
    out.push_back({State::good, "local servers", local.empty() ? "none found on loopback" : local, ""});
}

Finding check_ledger(const Context& context, const config::Config& config) {
    const auto backend = store::find_backend(config.ledger.store);
    if (!backend)
        return {State::bad, "ledger", backend.error()->message,
                "correct it; docs/configuration.md lists them"};
    const store::Options options{.path = config.ledger_path()};
    const auto where = (*backend)->location(options);
    std::error_code error;
    if (config::running_daemon(context.home))  // it holds the ledger for itself, and was asked how it is
        return {State::good, "ledger", where + ", kept by the running Hearth", ""};
    if (!(*backend)->durable) return {State::good, "ledger", where, ""};
    if (!std::filesystem::exists(options.path, error))
        return {State::good, "ledger", "begins with the first request", ""};
    if (const auto whole = (*backend)->check(options); !whole) {
        return {State::bad, "ledger", whole.error()->message,
                fmt::format("move {} aside; Hearth starts a new one", where)};
    }
    return {State::good, "ledger", where + " is whole", ""};
}

Finding check_disk(const Context& context) {
    struct statvfs info{};
    auto folder = context.home.root;
    while (::statvfs(folder.c_str(), &info) != 0 && folder.has_relative_path()) folder = folder.parent_path();
    const auto free = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
    const auto text = models::human_bytes(free) + " free for models and the ledger";
    if (free < 1ULL << 30)
        return {State::warning, "disk", text,
                "free some space: with a full disk, cloud requests are refused"};
    return {State::good, "disk", text, ""};
}

Finding check_memory() {
    const auto memory = models::read_memory();
    const auto text = fmt::format("{} of {} available", models::human_bytes(memory.available),
                                  models::human_bytes(memory.total));
    if (memory.available < 1ULL << 30) return {State::warning, "memory", text, "only small models will fit"};
    return {State::good, "memory", text, ""};
}

}  // namespace

std::string_view state_name(State state) {
    constexpr std::string_view kNames[] = {"ok", "warning", "error"};
    return kNames[static_cast<std::size_t>(state)];
}

std::vector<Finding> check_all(const Context& context) {
    std::vector<Finding> findings{check_home(context)};
    const auto config = context.config();
    if (!config) {
        findings.push_back({State::bad, "configuration", config.error()->message, "hearth config check"});
    } else {
        const auto& file = (*config)->file;
        findings.push_back(
            {State::good, "configuration", file.empty() ? "no file, defaults" : file.string(), ""});
        findings.push_back(check_address(context, **config));
        findings.push_back(check_access(context, **config));
    }
    findings.push_back(check_engine());
    findings.push_back(check_builtin_model());
    findings.push_back(check_confinement());
    if (config) {
        check_providers(context, **config, findings);
        findings.push_back(check_ledger(context, **config));
    }
    findings.push_back(check_disk(context));
    findings.push_back(check_memory());
    return findings;
}

}  // namespace hearth::cli

#include "cli/daemon.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

#include "cli/terminal.h"

namespace hearth::cli {

namespace {

using std::chrono::milliseconds;
constexpr milliseconds kStartLimit{30'000};

HttpClient client_for(const Context& context, const std::string& address) {
    return HttpClient(address, Secret(context.env.get("HEARTH_API_KEY").value_or("")));
}

bool answers(const HttpClient& daemon) {
    const auto reply = daemon.send({.target = "/healthz", .silence = milliseconds(2000)});
    return reply && reply->ok();
}

std::string last_lines(const std::filesystem::path& path, std::streamoff from) {
    std::ifstream file(path);
    file.seekg(from);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (text.size() > 2000) text.erase(0, text.find('\n', text.size() - 2000) + 1);
    return text;
}

// fork and exec of this program; only async-signal-safe calls between the two.
Result<pid_t> spawn_serve(const Context& context, const std::filesystem::path& log) {
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (out < 0 || in < 0) {
        const int why = errno;
        if (out >= 0) (void)::close(out);
        return fail(Code::storage, fmt::format("{} cannot be opened: {}.", log.string(), std::strerror(why)));
    }
    std::vector<std::string> words{"hearth", "serve"};
    if (context.flags.file)
        words.insert(words.end(), {"--config", std::filesystem::absolute(*context.flags.file).string()});
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        (void)::setsid();
        (void)::dup2(in, STDIN_FILENO);
        (void)::dup2(out, STDOUT_FILENO);
        (void)::dup2(out, STDERR_FILENO);
        ::execv("/proc/self/exe", argv.data());
        ::_exit(127);
    }
    (void)::close(in);
    (void)::close(out);
    if (child < 0) return fail(Code::internal, fmt::format("fork failed: {}.", std::strerror(errno)));
    return child;
}

}  // namespace

Result<HttpClient> find_daemon(const Context& context) {
    const auto daemon = config::running_daemon(context.home);
    if (!daemon) {
        return fail(Code::unavailable, fmt::format("No Hearth is running for {}. `hearth serve` starts one.",
                                                   context.home.root.string()));
    }
    if (daemon->address.empty()) {
        return fail(
            Code::upstream_connect,
            fmt::format("Hearth (process {}) is still starting. Try again in a moment.", daemon->pid));
    }
    return client_for(context, daemon->address);
}

Result<HttpClient> ensure_daemon(const Context& context) {
    if (const auto daemon = config::running_daemon(context.home); daemon && !daemon->address.empty()) {
        return client_for(context, daemon->address);
    }
    if (auto made = context.home.create(); !made) return fail(std::move(made.error()));
    std::error_code error;
    std::filesystem::create_directories(context.home.logs(), error);
    const auto log = context.home.logs() / "daemon.log";
    const auto before = std::filesystem::exists(log, error) ? std::filesystem::file_size(log, error) : 0;
    const auto child = spawn_serve(context, log);
    if (!child) return fail(child.error());

    const auto deadline = std::chrono::steady_clock::now() + kStartLimit;
    bool ended = false;
    while (std::chrono::steady_clock::now() < deadline) {
        const auto daemon = config::running_daemon(context.home);
        if (daemon && !daemon->address.empty()) {
            auto client = client_for(context, daemon->address);
            if (answers(client)) {
                print_error(
                    styled(fmt::format("Started Hearth on {} in the background; `hearth stop` stops it.\n",
                                       daemon->address),
                           Style::dim, stderr));
                return client;
            }
        }
        // Another process may have won the race for the lock: then this child ends and the other is found above.
        ended = ended || ::waitpid(*child, nullptr, WNOHANG) == *child;
        if (ended && !daemon) break;
        std::this_thread::sleep_for(milliseconds(30));
    }
    return fail(Code::unavailable, fmt::format("Hearth did not start. The end of {}:\n{}", log.string(),
                                               last_lines(log, static_cast<std::streamoff>(before))));
}

Result<std::string> ask(const HttpClient& daemon, std::string_view method, std::string target,
                        std::string body) {
    auto reply = daemon.send({.method = method, .target = std::move(target), .body = std::move(body)});
    if (!reply) return fail(std::move(reply.error()));
    if (!reply->ok()) return fail(error_of(*reply));
    return std::move(reply->body);
}

int report_daemon(const Context& context, const Error& error) {
    const int status = report(context, error);
    return error.code == Code::unavailable && error.http_status == 0 ? kNoDaemon : status;
}

int show_answer(const Context& context, const Result<std::string>& answer, void (*show)(json::Value root)) {
    if (!answer) return report_daemon(context, answer.error());
    json::Document document;
    const auto root = document.parse(*answer);
    if (!root) {
        return report(context, {.code = Code::upstream_failed,
                                .message = "Hearth's response is not JSON: " + root.error()->message});
    }
    if (context.json) {
        print(*answer + (answer->ends_with('\n') ? "" : "\n"));
    } else {
        show(*root);
    }
    return kDone;
}

}  // namespace hearth::cli

// `hearth run` on a terminal (a pty) against a scripted daemon.
#include <doctest/doctest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>

#include <chrono>

#include "cli_rig.h"

namespace session_test {

using namespace cli_rig;

namespace {

class Terminal {
  public:
    explicit Terminal(const std::vector<const char*>& words) {
        const winsize size{.ws_row = 24, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
        std::fflush(stdout);
        child_ = ::forkpty(&fd_, nullptr, nullptr, &size);
        if (child_ == 0) {
            ::setenv("TERM", "xterm", 1);
            const int status =
                cli::run(static_cast<int>(words.size()), words.data(), {.version = "1", .serve = {}});
            std::fflush(stdout);
            ::_exit(status);
        }
    }
    ~Terminal() {
        (void)::close(fd_);
        if (child_ > 0) (void)::kill(child_, SIGKILL);
    }

    void type(std::string_view keys) {
        REQUIRE(::write(fd_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
    }

    // Reads until `text` appears; returns the output up to it.
    std::string until(std::string_view text) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (seen_.find(text) == std::string::npos) {
            pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
            char buffer[4096];
            const bool late = std::chrono::steady_clock::now() > deadline;
            const auto n = !late && ::poll(&ready, 1, 1000) > 0 ? ::read(fd_, buffer, sizeof buffer) : 0;
            if (late || n < 0) {
                CAPTURE(seen_);
                FAIL("timeout waiting for " << std::string(text));
            }
            seen_.append(buffer, static_cast<std::size_t>(n));
        }
        const auto end = seen_.find(text) + text.size();
        auto out = seen_.substr(0, end);
        seen_.erase(0, end);
        return out;
    }

    int wait() {
        int status = 0;
        (void)::waitpid(std::exchange(child_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

  private:
    int fd_ = -1;
    pid_t child_ = -1;
    std::string seen_;
};

std::string said(const std::string& text) {
    return chunked(
        {"data: {\"choices\":[{\"delta\":{\"content\":\"" + text + "\"}}]}\n\n", "data: [DONE]\n\n"});
}

}  // namespace

TEST_CASE("run: a conversation with answers, Ctrl-C, several lines and history") {
    Shell shell;
    auto endless = said("once upon");
    endless.resize(endless.find("e\r\ndata: [DONE]"));
    ScriptedDaemon daemon({said("four"), std::string(ScriptedDaemon::kHold) + endless, said("yes")});
    const auto lock = running(shell, daemon);
    Terminal terminal({"hearth", "run", "spark"});
    terminal.until(">>> ");
    terminal.type("two plus two?\n");
    terminal.until("four");
    terminal.until(">>> ");
    terminal.type("half a thought\x03");  // Ctrl-C while typing clears the line
    terminal.until("^C");
    terminal.until(">>> ");
    terminal.type("/info\n");
    terminal.until("engine/spark local");
    terminal.until(">>> ");
    terminal.type("a story\n");
    terminal.until("once upon");
    terminal.type("\x03");  // Ctrl-C while it answers stops the answer
    terminal.until("(stopped)");
    terminal.until(">>> ");
    terminal.type("\"\"\"one\n");
    terminal.until("... ");
    terminal.type("two\"\"\"\n");
    terminal.until("yes");
    terminal.until(">>> ");
    terminal.type("/set temperature 3\n");
    terminal.until("temperature must be a number from 0 to 2");
    terminal.until(">>> ");
    terminal.type("/nonsense\n");
    terminal.until("Unknown command /nonsense.");
    terminal.until(">>> ");
    terminal.type("/bye\n");
    CHECK(terminal.wait() == 0);

    REQUIRE(daemon.requests.size() == 3);
    CHECK(daemon.requests[0].find("two plus two?") != std::string::npos);
    CHECK(daemon.requests[1].find("half a thought") == std::string::npos);
    // The received part of a stopped answer belongs to the conversation.
    CHECK(daemon.requests[2].find(
              R"({"role":"assistant","content":"once upon"},{"role":"user","content":"one\ntwo"})") !=
          std::string::npos);
    std::ifstream file(shell.home().history());
    const std::string history{std::istreambuf_iterator<char>(file), {}};
    CHECK(history.find("story") != std::string::npos);
    CHECK(history.find("four") == std::string::npos);
    struct stat info{};
    REQUIRE(::stat(shell.home().history().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("run: Ctrl-D exits") {
    Shell shell;
    ScriptedDaemon daemon({});
    const auto lock = running(shell, daemon);
    Terminal terminal({"hearth", "run", "spark"});
    terminal.until(">>> ");
    terminal.type("\x04");
    CHECK(terminal.wait() == 0);
}

}  // namespace session_test

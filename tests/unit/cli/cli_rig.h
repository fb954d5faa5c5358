#pragma once
// A scripted daemon on a real socket, and a shell that runs whole commands in a temporary home.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "cli/cli.h"
#include "config/home.h"

namespace cli_rig {

using namespace hearth;

// Answers each connection with the next reply and records the requests.
class ScriptedDaemon {
  public:
    explicit ScriptedDaemon(std::vector<std::string> replies) : replies_(std::move(replies)) {
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in where{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        socklen_t size = sizeof where;
        REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&where), size) == 0);
        REQUIRE(::listen(fd_, 16) == 0);
        REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&where), &size) == 0);
        address = "127.0.0.1:" + std::to_string(ntohs(where.sin_port));
        thread_ = std::thread([this] { serve(); });
    }
    ~ScriptedDaemon() {
        (void)::shutdown(fd_, SHUT_RDWR);
        thread_.join();
        (void)::close(fd_);
    }
    std::string address;
    std::vector<std::string> requests;  // read after the command has ended

  private:
    void serve() {
        for (const auto& reply : replies_) {
            const int fd = ::accept(fd_, nullptr, nullptr);
            if (fd < 0) return;
            std::string request;
            char buffer[4096];
            while (!whole(request)) {
                const auto n = ::recv(fd, buffer, sizeof buffer, 0);
                if (n <= 0) break;
                request.append(buffer, static_cast<std::size_t>(n));
            }
            requests.push_back(request);
            const bool hold = reply.starts_with(kHold);
            const auto bytes = std::string_view(reply).substr(hold ? kHold.size() : 0);
            (void)::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            while (hold && ::recv(fd, buffer, sizeof buffer, 0) > 0) continue;
            (void)::close(fd);
        }
    }
    // A reply with this prefix is sent without it, then the connection stays open until the client closes it.
  public:
    static constexpr std::string_view kHold = "hold ";

  private:
    static bool whole(const std::string& request) {
        const auto end = request.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        const auto length = request.find("content-length: ");
        const auto body = length < end ? std::stoul(request.substr(length + 16)) : 0;
        return request.size() >= end + 4 + body;
    }
    std::vector<std::string> replies_;
    int fd_ = -1;
    std::thread thread_;
};

inline std::string ok(const std::string& body) {
    return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string not_found(const std::string& body) {
    return "HTTP/1.1 404 Not Found\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string bad_request(const std::string& body) {
    return "HTTP/1.1 400 Bad Request\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string chunked(const std::vector<std::string>& pieces) {
    std::string out =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-hearth-route: engine/spark local\r\n\r\n";
    char size[20];
    for (const auto& piece : pieces) {
        (void)std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
        out += size + piece + "\r\n";
    }
    return out + "0\r\n\r\n";
}

// A temporary home in the environment; stdin, stdout and stderr of a command are files.
class Shell {
  public:
    Shell() : home_(std::filesystem::temp_directory_path() / ("hearth_cli_" + std::to_string(getpid()))) {
        std::filesystem::create_directories(home_ / "run");
        ::setenv("HEARTH_HOME", home_.c_str(), 1);
    }
    ~Shell() {
        std::filesystem::remove_all(home_);
        ::unsetenv("HEARTH_HOME");
    }

    int run(std::vector<std::string> words, const std::string& input = "",
            const cli::Host& host = {.version = "1.2.3", .serve = {}}) {
        std::ofstream(home_ / "in") << input;
        std::fflush(stdout);
        std::fflush(stderr);
        const int saved[] = {::dup(0), ::dup(1), ::dup(2)};
        const char* names[] = {"in", "out", "err"};
        for (int i = 0; i < 3; ++i) {
            REQUIRE(std::freopen((home_ / names[i]).c_str(), i == 0 ? "r" : "w",
                                 i == 0   ? stdin
                                 : i == 1 ? stdout
                                          : stderr));
        }
        words.insert(words.begin(), "hearth");
        std::vector<const char*> argv;
        for (const auto& word : words) argv.push_back(word.c_str());
        const int status = cli::run(static_cast<int>(argv.size()), argv.data(), host);
        std::fflush(stdout);
        std::fflush(stderr);
        for (int i = 0; i < 3; ++i) {
            (void)::dup2(saved[i], i);
            (void)::close(saved[i]);
        }
        out = text("out");
        err = text("err");
        return status;
    }
    std::string out, err;
    config::Home home() const { return {home_}; }

  private:
    std::string text(const char* name) const {
        std::ifstream file(home_ / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::filesystem::path home_;
};

// Registers this process as the daemon of the home, at the scripted daemon's address.
inline config::DaemonLock running(const Shell& shell, const ScriptedDaemon& daemon) {
    auto lock = config::DaemonLock::acquire(shell.home());
    REQUIRE(lock.has_value());
    REQUIRE(lock->publish(daemon.address).has_value());
    return std::move(*lock);
}

}  // namespace cli_rig

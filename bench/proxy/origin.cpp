// The provider of the proxy benchmark: one thread, epoll, as little as possible, so that the proxy is what is measured.
//   proxy-origin [--events N] [--stepped] [--wrong]  prints its port
//     --events N  chunks of a stream, all at once (default: 40, paced)
//     --stepped   the next chunk when somebody who is connected to this port sends "step\n", so that a run of a proxy that
//                 counts its instructions gets each chunk alone, however slow it is
//     --wrong     one character or one chunk too few, to see that the load notices
// A body with "stream":true gets that many chunks, the first at once and then one every kPeriod of the stream's own clock
// (kSlowPeriod when the body says "pace":"slow"), each with the time at which it was written ("t", nanoseconds of
// CLOCK_MONOTONIC), then a finish chunk with usage and [DONE]. Every other POST gets one chat.completion of about 1 KB,
// every GET a list of one model.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace {

int events_wanted = 40;
bool paced = true, stepped = false, wrong = false;
constexpr std::int64_t kPeriod = 5'000'000, kSlowPeriod = 500'000'000;  // ns

std::int64_t now() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

struct Connection {
    std::string in;
    std::size_t answered = 0;
    int sent = -1;  // events of the stream under way; -1: none
    std::int64_t next = 0, period = kPeriod;
};

std::string with_head(const std::string& body) {
    return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string whole_answer() {
    std::string body =
        R"({"id":"chatcmpl-bench","object":"chat.completion","created":1,"model":"bench","choices":[{"index":0,"message":{"role":"assistant","content":")";
    body += std::string(wrong ? 699 : 700, 'x');
    body +=
        R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":500,"completion_tokens":150,"total_tokens":650}})";
    return with_head(body);
}

// Gateways ask for it before they pass a model's name on.
std::string model_list() {
    return with_head(
        R"({"object":"list","data":[{"id":"gpt-5.5","object":"model","created":1,"owned_by":"openai"}]})");
}

void append_chunk(std::string& out, const std::string& data) {
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", data.size());
    out += size + data + "\r\n";
}

std::string event() {
    char text[256];
    std::snprintf(
        text, sizeof text,
        "data: "
        "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"bench\","
        "\"t\":%lld,"
        "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word and\"},\"finish_reason\":null}]}\n\n",
        static_cast<long long>(now()));
    return text;
}

void send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return;  // answers are small: a full socket does not happen unless the peer has stopped
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

// Appends the stream's next chunk, which is its end after the last event.
void append_next(std::string& out, Connection& c) {
    if (c.sent < events_wanted - (wrong ? 1 : 0)) {
        append_chunk(out, event());
        ++c.sent;
        return;
    }
    append_chunk(out,
                 "data: "
                 "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1,"
                 "\"model\":\"bench\","
                 "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{"
                 "\"prompt_tokens\":500,"
                 "\"completion_tokens\":40,\"total_tokens\":540}}\n\n");
    append_chunk(out, "data: [DONE]\n\n");
    out += "0\r\n\r\n";
    c.sent = -1;
}

// Sends what is due by the clock; a stepped stream has no clock.
void stream_step(int fd, Connection& c) {
    std::string out;
    while (c.sent >= 0 && c.next <= now()) {
        append_next(out, c);
        if (paced) c.next += c.period;
    }
    if (!out.empty()) send_all(fd, out);
}

void step(int fd, Connection& c) {
    if (c.sent < 0) return;
    std::string out;
    append_next(out, c);
    send_all(fd, out);
}

// Answers every whole request in the buffer. Heads are trusted: only this benchmark's proxies speak here.
void read_requests(int fd, Connection& c) {
    static const std::string answer = whole_answer(), models = model_list();
    while (true) {
        const auto end = c.in.find("\r\n\r\n");
        if (end == std::string::npos) return;
        std::size_t length = 0;
        for (const char* name : {"content-length:", "Content-Length:"}) {
            const auto at = c.in.find(name);
            if (at < end) length = std::strtoul(c.in.c_str() + at + 15, nullptr, 10);
        }
        if (c.in.size() < end + 4 + length) return;
        const auto body = std::string_view(c.in).substr(end, 4 + length);
        const bool stream = body.find("\"stream\":true") != std::string_view::npos;
        c.period = body.find("\"pace\":\"slow\"") != std::string_view::npos ? kSlowPeriod : kPeriod;
        const bool get = c.in.starts_with("GET ");
        c.in.erase(0, end + 4 + length);
        if (!stream) {
            send_all(fd, get ? models : answer);
            continue;
        }
        send_all(fd,
                 "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
        c.sent = 0;
        c.next = now();
        if (stepped) {
            step(fd, c);
        } else {
            stream_step(fd, c);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        if (option == "--events" && i + 1 < argc) {
            events_wanted = std::atoi(argv[++i]);
            paced = false;
        } else if (option == "--stepped") {
            stepped = true;
        } else if (option == "--wrong") {
            wrong = true;
        } else {
            return 2;
        }
    }
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener, 1024) != 0)
        return 1;
    socklen_t size = sizeof address;
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);

    const int poll = epoll_create1(0);
    const int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    itimerspec every{{0, 500'000}, {0, 500'000}};
    timerfd_settime(timer, 0, &every, nullptr);
    for (const int fd : {listener, timer}) {
        epoll_event e{.events = EPOLLIN, .data = {.fd = fd}};
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e);
    }
    std::map<int, Connection> connections;
    char buffer[65536];
    while (true) {
        epoll_event events[256];
        const int n = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < n; ++i) {
            const int fd = events[i].data.fd;
            if (fd == timer) {
                std::uint64_t ticks;
                if (read(timer, &ticks, sizeof ticks) < 0) continue;
                if (stepped) continue;
                for (auto& [stream_fd, c] : connections) stream_step(stream_fd, c);
            } else if (fd == listener) {
                const int fresh = accept(listener, nullptr, nullptr);
                const int yes = 1;
                setsockopt(fresh, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                epoll_event e{.events = EPOLLIN, .data = {.fd = fresh}};
                epoll_ctl(poll, EPOLL_CTL_ADD, fresh, &e);
                connections[fresh] = {};
            } else {
                const auto got = recv(fd, buffer, sizeof buffer, 0);
                if (got <= 0) {
                    connections.erase(fd);
                    close(fd);
                    continue;
                }
                auto& c = connections[fd];
                c.in.append(buffer, static_cast<std::size_t>(got));
                for (; c.in.starts_with("step\n"); c.in.erase(0, 5)) {
                    for (auto& [stream_fd, stream] : connections) step(stream_fd, stream);
                }
                read_requests(fd, c);
            }
        }
    }
}

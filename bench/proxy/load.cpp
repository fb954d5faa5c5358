// The client of the proxy benchmark: one thread, epoll, keep-alive connections.
//   proxy-load PORT flat CONNECTIONS SECONDS BODY         closed loop, as fast as it goes
//   proxy-load PORT rate CONNECTIONS SECONDS BODY RPS     open loop: latency from the time a request was due
//   proxy-load PORT stream CONNECTIONS SECONDS BODY       closed loop of streams, each checked for 40 events
// BODY is a file. Extra headers come from the environment variable LOAD_HEADERS ("a: b\r\n..."), the path from LOAD_PATH. Prints one line of
// JSON: requests, errors, events, p50/p99 in microseconds (of answers, or of events since they were written).
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::int64_t now() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

struct Client {
    int fd = -1;
    std::int64_t due = 0;  // when the request under way was due; 0 = idle
    std::string in;
    int events = 0;
    std::size_t scanned = 0;
};

struct Totals {
    std::int64_t requests = 0, errors = 0, events = 0;
    std::vector<std::int64_t> latencies;  // ns
};

class Load {
  public:
    Load(int port, std::string request, bool streams)
        : port_(port), request_(std::move(request)), streams_(streams) {
        poll_ = epoll_create1(0);
    }

    void connect(int count) {
        clients_.resize(static_cast<std::size_t>(count));
        for (std::size_t i = 0; i < clients_.size(); ++i) open(i);
    }

    // `interval` ns between requests of an open loop; 0 = closed loop.
    Totals run(double seconds, std::int64_t interval) {
        const auto start = now();
        const auto end = start + static_cast<std::int64_t>(seconds * 1e9);
        auto due = start;
        if (interval == 0) {
            for (auto& c : clients_) begin(c, now());
        }
        while (true) {
            const auto t = now();
            if (t >= end && (interval == 0 || idle() == clients_.size() || t > end + 5'000'000'000)) break;
            while (interval > 0 && due <= t && due < end) {
                waiting_.push_back(due);
                due += interval;
            }
            dispatch();
            const auto pause =
                interval > 0 && due < end ? std::max<std::int64_t>(0, due - now()) : 100'000'000;
            poll(pause, interval == 0 && t < end);
        }
        return std::move(totals_);
    }

  private:
    void open(std::size_t i) {
        auto& c = clients_[i];
        c = {};
        c.fd = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port_));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(c.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            std::perror("connect");
            std::exit(1);
        }
        const int yes = 1;
        setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        epoll_event e{.events = EPOLLIN, .data = {.u64 = i}};
        epoll_ctl(poll_, EPOLL_CTL_ADD, c.fd, &e);
    }

    void begin(Client& c, std::int64_t due) {
        c.due = due;
        c.events = 0;
        c.scanned = 0;
        c.in.clear();
        if (send(c.fd, request_.data(), request_.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(request_.size()))
            ++totals_.errors;
    }

    std::size_t idle() const {
        return static_cast<std::size_t>(
            std::count_if(clients_.begin(), clients_.end(), [](const Client& c) { return c.due == 0; }));
    }

    void dispatch() {
        for (auto& c : clients_) {
            if (waiting_.empty()) return;
            if (c.due != 0) continue;
            begin(c, waiting_.front());
            waiting_.pop_front();
        }
    }

    // To the nanosecond: a loop that spins for the rest of a millisecond takes the core from the origin beside it.
    void poll(std::int64_t pause, bool again) {
        epoll_event events[256];
        const timespec timeout{.tv_sec = pause / 1'000'000'000, .tv_nsec = pause % 1'000'000'000};
        const int n = epoll_pwait2(poll_, events, 256, &timeout, nullptr);
        for (int i = 0; i < n; ++i) receive(events[i].data.u64, again);
    }

    void receive(std::size_t index, bool again) {
        auto& c = clients_[index];
        char buffer[65536];
        const auto got = recv(c.fd, buffer, sizeof buffer, 0);
        if (got <= 0) {
            ++totals_.errors;
            close(c.fd);
            open(index);
            if (again) begin(c, now());
            return;
        }
        c.in.append(buffer, static_cast<std::size_t>(got));
        if (streams_) count_events(c);
        if (!whole(c)) return;
        const auto t = now();
        ++totals_.requests;
        if (!c.in.starts_with("HTTP/1.1 200") || (streams_ && c.events != 40)) ++totals_.errors;
        if (!streams_) totals_.latencies.push_back(t - c.due);
        c.due = 0;
        if (again) begin(c, t);
    }

    void count_events(Client& c) {
        const auto t = now();
        while (true) {
            const auto at = c.in.find("\"t\":", c.scanned);
            if (at == std::string::npos || at + 24 > c.in.size()) return;
            totals_.latencies.push_back(t - std::strtoll(c.in.c_str() + at + 4, nullptr, 10));
            c.scanned = at + 4;
            ++c.events;
            ++totals_.events;
        }
    }

    static bool whole(const Client& c) {
        const auto end = c.in.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        for (const char* name : {"content-length: ", "Content-Length: "}) {
            const auto at = c.in.find(name);
            if (at < end) return c.in.size() >= end + 4 + std::strtoul(c.in.c_str() + at + 16, nullptr, 10);
        }
        return c.in.ends_with("\r\n0\r\n\r\n");
    }

    int port_, poll_ = -1;
    std::string request_;
    bool streams_;
    std::vector<Client> clients_;
    std::deque<std::int64_t> waiting_;
    Totals totals_;
};

double percentile(std::vector<std::int64_t>& values, double p) {
    if (values.empty()) return 0;
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return static_cast<double>(*at) / 1000.0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 6) return 2;
    prctl(PR_SET_TIMERSLACK, 1);  // a request is due when it is due, not 50 us later
    const std::string_view mode = argv[2];
    std::ifstream file(argv[5], std::ios::binary);
    const std::string body((std::istreambuf_iterator<char>(file)), {});
    const char* extra = std::getenv("LOAD_HEADERS");
    const char* path = std::getenv("LOAD_PATH");
    std::string request = std::string("POST ") + (path ? path : "/v1/chat/completions") +
                          " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
    request += extra ? extra : "";
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    Load load(std::atoi(argv[1]), std::move(request), mode == "stream");
    load.connect(std::atoi(argv[3]));
    const auto interval =
        mode == "rate" && argc > 6 ? static_cast<std::int64_t>(1e9 / std::atof(argv[6])) : 0;
    auto totals = load.run(std::atof(argv[4]), interval);
    std::printf("{\"requests\":%lld,\"errors\":%lld,\"events\":%lld,\"p50\":%.1f,\"p99\":%.1f}\n",
                static_cast<long long>(totals.requests), static_cast<long long>(totals.errors),
                static_cast<long long>(totals.events), percentile(totals.latencies, 0.5),
                percentile(totals.latencies, 0.99));
}

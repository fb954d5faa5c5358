// The client of the proxy benchmark: one thread, epoll, keep-alive connections.
//   proxy-load PORT flat CONNECTIONS SECONDS BODY         closed loop, as fast as it goes
//   proxy-load PORT rate CONNECTIONS SECONDS BODY RPS     open loop: latency from the time a request was due
//   proxy-load PORT stream CONNECTIONS SECONDS BODY       closed loop of streams: latency from the time an event was written
//   proxy-load PORT count CONNECTIONS REQUESTS BODY       closed loop of exactly so many requests
// BODY is a file; one with "stream":true asks for a stream. Every answer is compared with what the origin sends, so that a
// gateway that answers quickly and wrongly is not counted as fast. From the environment: LOAD_HEADERS, extra headers
// ("a: b\r\n..."); LOAD_PATH; LOAD_EVENTS, of one stream (default 40); LOAD_STEP_PORT, of an origin that waits for a "step"
// before its next event (proxy-origin --stepped): one is sent for each event received. Prints one line of JSON: requests
// (right answers), wrong (whole answers that are not right), errors (no whole answer), events, p50/p99 in microseconds, seconds.
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

#include "answer.h"

namespace {

std::int64_t now() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

struct Client {
    int fd = -1;
    std::int64_t due = 0;  // when the request under way was due; 0 = idle
    bench::Answer answer;
    std::size_t timed = 0, stepped = 0;  // how much of the body has been searched for times and for events
};

struct Totals {
    std::int64_t requests = 0, wrong = 0, errors = 0, events = 0;
    std::vector<std::int64_t> latencies;  // ns
};

struct Options {
    int port = 0;
    std::string request;
    bool streams = false;       // what is asked for
    bool times_events = false;  // latencies are those of events
    int events = 40;
    int step_port = 0;
    std::int64_t limit = 0;  // requests in all; 0: until the time is over
};

int connect_to(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        std::perror("connect");
        std::exit(1);
    }
    const int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

class Load {
  public:
    explicit Load(Options options) : options_(std::move(options)) {
        poll_ = epoll_create1(0);
        if (options_.step_port != 0) steps_ = connect_to(options_.step_port);
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
            for (auto& c : clients_) {
                if (more(start, end)) begin(c, now());
            }
        }
        while (true) {
            const auto t = now();
            if (options_.limit != 0 && begun_ == options_.limit && idle() == clients_.size()) break;
            if (t >= end && (interval == 0 || idle() == clients_.size() || t > end + 5'000'000'000)) break;
            while (interval > 0 && due <= t && due < end) {
                waiting_.push_back(due);
                due += interval;
            }
            dispatch();
            const auto pause =
                interval > 0 && due < end ? std::max<std::int64_t>(0, due - now()) : 100'000'000;
            poll(pause, interval == 0 && more(t, end));
        }
        return std::move(totals_);
    }

  private:
    bool more(std::int64_t time, std::int64_t end) const {
        return options_.limit != 0 ? begun_ < options_.limit : time < end;
    }

    void open(std::size_t i) {
        auto& c = clients_[i];
        c = {};
        c.fd = connect_to(options_.port);
        epoll_event e{.events = EPOLLIN, .data = {.u64 = i}};
        epoll_ctl(poll_, EPOLL_CTL_ADD, c.fd, &e);
    }

    void begin(Client& c, std::int64_t due) {
        c.due = due;
        c.timed = c.stepped = 0;
        c.answer = {};
        ++begun_;
        if (send(c.fd, options_.request.data(), options_.request.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(options_.request.size()))
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
            if (c.due != 0) ++totals_.errors;  // a server may close a connection on which nothing is asked
            reopen(index);
            if (again) begin(c, now());
            return;
        }
        c.answer.add({buffer, static_cast<std::size_t>(got)});
        if (options_.times_events) note_times(c);
        if (options_.streams) note_events(c);
        if (!c.answer.complete()) return;
        const auto t = now();
        ++(right(c.answer) ? totals_.requests : totals_.wrong);
        if (!options_.times_events) totals_.latencies.push_back(t - c.due);
        c.due = 0;
        if (c.answer.closes()) reopen(index);
        if (again && (options_.limit == 0 || begun_ < options_.limit)) begin(c, t);
    }

    void reopen(std::size_t index) {
        close(clients_[index].fd);
        open(index);
    }

    bool right(const bench::Answer& answer) const {
        return options_.streams ? answer.is_right_stream(options_.events) : answer.is_right_whole();
    }

    // "t" is the time at which the origin wrote the event. A gateway that writes events anew may leave it out.
    void note_times(Client& c) {
        const auto t = now();
        const auto& body = c.answer.body();
        while (true) {
            const auto at = body.find("\"t\":", c.timed);
            if (at == std::string::npos || at + 24 > body.size()) return;
            totals_.latencies.push_back(t - std::strtoll(body.c_str() + at + 4, nullptr, 10));
            c.timed = at + 4;
        }
    }

    void note_events(Client& c) {
        const auto& body = c.answer.body();
        while (true) {
            const auto at = body.find(bench::kPiece, c.stepped);
            if (at == std::string::npos) return;
            c.stepped = at + bench::kPiece.size();
            ++totals_.events;
            if (steps_ >= 0 && send(steps_, "step\n", 5, MSG_NOSIGNAL) != 5) ++totals_.errors;
        }
    }

    Options options_;
    int poll_ = -1, steps_ = -1;
    std::int64_t begun_ = 0;
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
    const auto from_environment = [](const char* name, const char* otherwise) {
        const char* value = std::getenv(name);
        return std::string(value != nullptr ? value : otherwise);
    };
    Options options{.port = std::atoi(argv[1]),
                    .streams = body.find("\"stream\":true") != std::string::npos,
                    .times_events = mode == "stream",
                    .events = std::atoi(from_environment("LOAD_EVENTS", "40").c_str()),
                    .step_port = std::atoi(from_environment("LOAD_STEP_PORT", "0").c_str()),
                    .limit = mode == "count" ? std::atoll(argv[4]) : 0};
    options.request = "POST " + from_environment("LOAD_PATH", "/v1/chat/completions") +
                      " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" +
                      from_environment("LOAD_HEADERS", "") +
                      "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    Load load(std::move(options));
    load.connect(std::atoi(argv[3]));
    const auto interval =
        mode == "rate" && argc > 6 ? static_cast<std::int64_t>(1e9 / std::atof(argv[6])) : 0;
    constexpr double kAnHour = 3600;  // a count ends with its last answer
    const auto start = now();
    auto totals = load.run(mode == "count" ? kAnHour : std::atof(argv[4]), interval);
    std::printf(
        "{\"requests\":%lld,\"wrong\":%lld,\"errors\":%lld,\"events\":%lld,\"p50\":%.1f,\"p99\":%.1f,"
        "\"seconds\":%.3f}\n",
        static_cast<long long>(totals.requests), static_cast<long long>(totals.wrong),
        static_cast<long long>(totals.errors), static_cast<long long>(totals.events),
        percentile(totals.latencies, 0.5), percentile(totals.latencies, 0.99),
        static_cast<double>(now() - start) / 1e9);
}

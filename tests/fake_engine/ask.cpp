#include "fake_engine/ask.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "engine/protocol/codec.h"

namespace hearth::engine {

namespace {

using Send = std::function<void(const ToGateway&)>;

void refuse(RequestId id, std::string why, const Send& send) {
    Error error;
    error.code = Code::invalid_request;
    error.message = std::move(why);
    Events events;
    events.events.push_back({id, std::move(error)});
    send(std::move(events));
}

// The whole response. HTTP/1.0: the end of the connection is the end of the response.
std::string exchange_bytes(int port, const std::string& request) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) {
        for (std::size_t sent = 0; sent < request.size();) {
            const auto wrote = ::send(fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
            if (wrote <= 0) break;
            sent += static_cast<std::size_t>(wrote);
        }
        char buffer[16384];
        while (true) {
            const auto got = ::read(fd, buffer, sizeof buffer);
            if (got <= 0) break;
            answer.append(buffer, static_cast<std::size_t>(got));
        }
    }
    ::close(fd);
    return answer;
}

}  // namespace

void ask(int port, std::string_view what, RequestId id, const ToWorker& message, const Send& send) {
    const auto body = encode(message);
    auto request = "POST /engine/" + std::string(what) + " HTTP/1.0\r\ncontent-type: application/json\r\n";
    request += "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    const auto answer = exchange_bytes(port, request);
    const auto head = answer.find("\r\n\r\n");
    if (head == std::string::npos) return refuse(id, "no program answers for this worker", send);
    std::string_view rest = std::string_view(answer).substr(head + 4);
    const auto status = std::string_view(answer).substr(0, answer.find("\r\n"));
    if (status.find(" 200 ") == std::string_view::npos) return refuse(id, std::string(rest), send);
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        auto decoded = decode_to_gateway(line);
        if (!decoded) return refuse(id, "invalid reply of the script: " + std::string(line), send);
        send(*decoded);
    }
}

}  // namespace hearth::engine

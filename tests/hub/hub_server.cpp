#include "hub/hub_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace hearth::test {
namespace {

constexpr std::string_view kCommit = "0123456789abcdef0123456789abcdef01234567";

bool send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string plain(int status, std::string_view body, std::string_view extra = {}) {
    return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}", status,
                       body.size(), extra, body);
}

HubRequest parse(const std::string& head) {
    HubRequest request;
    const auto first = head.find(' ');
    request.target = head.substr(first + 1, head.find(' ', first + 1) - first - 1);
    for (auto at = head.find("\r\n"); at != std::string::npos && at + 2 < head.size();) {
        const auto end = head.find("\r\n", at + 2);
        const auto line = head.substr(at + 2, end - at - 2);
        if (const auto colon = line.find(':'); colon != std::string::npos) {
            auto name = line.substr(0, colon);
            std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
            request.headers[name] =
                line.substr(std::min(line.size(), line.find_first_not_of(' ', colon + 1)));
        }
        at = end;
    }
    return request;
}

}  // namespace

HubServer::HubServer() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        std::abort();
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_loop(); });
}

HubServer::~HubServer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (auto& thread : connections_) thread.join();
    ::close(listener_);
}

std::string HubServer::url() const {
    return fmt::format("http://127.0.0.1:{}", port_);
}

std::vector<HubRequest> HubServer::requests() const {
    const std::lock_guard lock(mutex_);
    return log_;
}

std::size_t HubServer::count(const std::string& part) const {
    const auto all = requests();
    return static_cast<std::size_t>(std::ranges::count_if(
        all, [&](const HubRequest& r) { return r.target.find(part) != std::string::npos; }));
}

void HubServer::accept_loop() {
    while (true) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const std::lock_guard lock(mutex_);
        if (fd < 0 || stopping_) {
            if (fd >= 0) ::close(fd);
            return;
        }
        open_.push_back(fd);
        connections_.emplace_back([this, fd] { serve(fd); });
    }
}

void HubServer::serve(int fd) {
    std::string head;
    char buffer[4096];
    while (head.find("\r\n\r\n") == std::string::npos) {
        const auto got = ::recv(fd, buffer, sizeof buffer, 0);
        if (got <= 0) break;
        head.append(buffer, static_cast<std::size_t>(got));
    }
    if (head.find("\r\n\r\n") != std::string::npos) {
        const auto request = parse(head);
        {
            const std::lock_guard lock(mutex_);
            log_.push_back(request);
        }
        const auto& b = behaviour;
        if (b.status != 0) {
            send_all(fd, plain(b.status, "no", b.status == 429 ? "Retry-After: 7\r\n" : ""));
        } else if (!b.redirect_all.empty()) {
            send_all(fd, plain(302, "", fmt::format("Location: {}\r\n", b.redirect_all)));
        } else if (!b.token.empty() && request.header("authorization") != "Bearer " + b.token) {
            send_all(fd, plain(401, "{\"error\":\"Repository not found\"}"));
        } else if (request.target.starts_with("/api/")) {
            send_all(fd, api(request));
        } else {
            // "/ORG/REPO/resolve/COMMIT/PATH" or, on a second host, "/blob/PATH" of any repository.
            const HubFile* file = nullptr;
            std::string path;
            for (const auto& [name, files] : repositories) {
                for (const auto& [file_path, candidate] : files) {
                    const bool here =
                        request.target == fmt::format("/{}/resolve/{}/{}", name, kCommit, file_path) ||
                        request.target.substr(0, request.target.find('?')) == "/blob/" + file_path;
                    if (here) file = &candidate, path = file_path;
                }
            }
            if (file == nullptr) {
                send_all(fd, plain(404, "Entry not found"));
            } else if (!b.files_from.empty()) {
                const auto linked =
                    file->sha256.empty() ? "" : fmt::format("X-Linked-Etag: \"{}\"\r\n", file->sha256);
                send_all(fd, plain(302, "",
                                   fmt::format("{}Location: {}/blob/{}?signature=s\r\n", linked, b.files_from,
                                               path)));
            } else {
                send_file(fd, request, *file);
            }
        }
    }
    const std::lock_guard lock(mutex_);
    std::erase(open_, fd);
    ::close(fd);
}

std::string HubServer::api(const HubRequest& request) const {
    for (const auto& [name, files] : repositories) {
        const auto base = "/api/models/" + name;
        if (request.target == base + "/refs") {
            return plain(200,
                         fmt::format(R"({{"branches":[{{"name":"main","targetCommit":"{}"}}]}})", kCommit));
        }
        if (!request.target.starts_with(fmt::format("{}/tree/{}", base, kCommit))) continue;
        const auto cursor = request.target.find("&cursor=");
        const std::size_t from =
            cursor == std::string::npos ? 0 : std::stoul(request.target.substr(cursor + 8));
        std::string body = R"([{"type":"directory","path":"x","oid":"1","size":0})", link;
        std::size_t i = 0;
        for (const auto& [path, file] : files) {
            if (behaviour.page > 0 && i >= from + behaviour.page) {
                link = fmt::format("Link: <{}{}/tree/{}?recursive=true&cursor={}>; rel=\"next\"\r\n", url(),
                                   base, kCommit, i);
                break;
            }
            if (i++ < from) continue;
            const auto lfs = file.sha256.empty() ? std::string()
                                                 : fmt::format(R"(,"lfs":{{"oid":"{}","size":{}}})",
                                                               file.sha256, file.bytes.size());
            body += fmt::format(R"(,{{"type":"file","path":"{}","oid":"2","size":{}{}}})", path,
                                file.bytes.size(), lfs);
        }
        return plain(200, body + "]", link);
    }
    return plain(404, R"({"error":"Repository not found"})");
}

void HubServer::send_file(int fd, const HubRequest& request, const HubFile& file) {
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        first = !std::exchange(once_done_, true);
    }
    const auto& b = behaviour;
    std::size_t from = 0;
    const auto range = request.header("range");
    const auto if_range = request.header("if-range");
    const bool partial =
        b.ranges && range.starts_with("bytes=") && (if_range.empty() || if_range == b.etag_value);
    if (partial) from = std::stoul(range.substr(6));
    if (partial && from >= file.bytes.size()) {
        send_all(fd, plain(416, ""));
        return;
    }
    const auto rest = std::string_view(file.bytes).substr(from);
    std::string head = fmt::format("HTTP/1.1 {} X\r\nConnection: close\r\n", partial ? 206 : 200);
    if (!b.no_length) head += fmt::format("Content-Length: {}\r\n", rest.size() + b.tail.size());
    if (b.etag) head += fmt::format("ETag: {}\r\n", b.etag_value);
    if (partial)
        head +=
            fmt::format("Content-Range: bytes {}-{}/{}\r\n", from, file.bytes.size() - 1, file.bytes.size());
    send_all(fd, head + "\r\n");
    if (first && b.cut_after > 0) {
        send_all(fd, rest.substr(0, b.cut_after));
        return;
    }
    if (first && b.stall_after > 0) {
        send_all(fd, rest.substr(0, b.stall_after));
        while (true) {
            char byte = 0;
            if (::recv(fd, &byte, 1, 0) <= 0) return;
        }
    }
    send_all(fd, rest);
    send_all(fd, b.tail);
}

}  // namespace hearth::test

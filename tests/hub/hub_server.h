#pragma once
// A model hub on loopback for tests: real sockets, one thread per connection, HTTP/1.1 with Connection: close. It serves
// the hub's API (refs, tree, resolve) for the repositories it is given, logs every request, and misbehaves on request.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hearth::test {

struct HubRequest {
    std::string target;
    std::map<std::string, std::string> headers;  // names in lower case
    [[nodiscard]] std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }
};

struct HubFile {
    std::string bytes;
    std::string sha256;  // as reported by the hub; empty: not an LFS file
};

struct HubBehaviour {
    std::string token;         // required, if set: 401 without it
    std::string files_from;    // resolve answers 302 to this base URL + "/blob/" + path, instead of the bytes
    std::string redirect_all;  // every request: 302 to this location
    bool ranges = true;        // false: Range is ignored
    bool etag = true;          // false: no ETag
    std::string etag_value = "\"v1\"";
    int status = 0;             // every request: this status
    std::size_t cut_after = 0;  // the first response with a file is closed after this many bytes
    std::string tail;           // sent after the file's end, beyond Content-Length
    bool no_length = false;     // files are sent without Content-Length, until close
    std::size_t stall_after =
        0;  // the first response with a file stalls after this many bytes until the server is stopped
    std::size_t page = 0;  // files per page of a listing; 0 = all on one
};

class HubServer {
  public:
    HubServer();
    ~HubServer();
    HubServer(const HubServer&) = delete;
    HubServer& operator=(const HubServer&) = delete;

    std::map<std::string, std::map<std::string, HubFile>>
        repositories;  // "org/repo" -> path -> file; before requests
    HubBehaviour behaviour;

    [[nodiscard]] std::string url() const;  // "http://127.0.0.1:PORT"
    [[nodiscard]] std::vector<HubRequest> requests() const;
    [[nodiscard]] std::size_t count(const std::string& target_part) const;

  private:
    void accept_loop();
    void serve(int fd);
    [[nodiscard]] std::string api(const HubRequest& request) const;
    void send_file(int fd, const HubRequest& request, const HubFile& file);
    int listener_ = -1;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    std::vector<HubRequest> log_;
    std::vector<int> open_;
    bool once_done_ = false, stopping_ = false;
    std::vector<std::thread> connections_;
    std::thread acceptor_;
};

}  // namespace hearth::test

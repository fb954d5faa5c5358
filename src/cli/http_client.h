#pragma once
// A small blocking HTTP/1.1 client for the daemon on this machine: one connection per request, loopback only.
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "http/head.h"

namespace hearth::cli {

struct Reply {
    http::ResponseHead head;
    std::string body;  // empty when it was streamed
    [[nodiscard]] bool ok() const { return head.status >= 200 && head.status < 300; }
};

class HttpClient {
  public:
    // address: HOST:PORT of a loopback listener; 0.0.0.0 and [::] are reached through loopback.
    explicit HttpClient(std::string address, Secret key = {})
        : address_(std::move(address)), key_(std::move(key)) {}

    struct Request {
        std::string_view method = "GET";
        std::string target = "/";
        std::string body = {};                               // JSON; empty = none
        std::chrono::milliseconds silence{60'000};           // longest wait for the next bytes
        std::function<void(std::string_view)> on_body = {};  // of a 2xx answer, piece by piece
        std::function<bool()> cancelled = {};                // polled five times a second
    };
    // Errors: upstream_connect (not listening), upstream_broken, upstream_timeout, cancelled. A status >= 400 is a
    // Reply.
    [[nodiscard]] Result<Reply> send(const Request& request) const;

    [[nodiscard]] const std::string& address() const { return address_; }

  private:
    std::string address_;
    Secret key_;
};

// The error in a Reply of status >= 400, in the OpenAI format; else a message with the status.
[[nodiscard]] Error error_of(const Reply& reply);

}  // namespace hearth::cli

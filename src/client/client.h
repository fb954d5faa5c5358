#pragma once
// The only way out of the process: one HTTP exchange with an upstream, over a pool of kept connections. What is sent is
// what privacy::Gate has cleared (privacy/cleared.h), and only to the destination that its permit names.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/limits.h"
#include "base/stop.h"
#include "base/task.h"
#include "client/fields.h"
#include "http/head.h"
#include "net/address.h"
#include "net/dns.h"
#include "net/loop.h"
#include "net/proxy_env.h"
#include "privacy/cleared.h"

namespace hearth::client {

struct Remote {
    std::string scheme;  // "http" | "https"
    std::string host;    // lower case; an IPv6 literal without brackets
    std::uint16_t port = 0;
    std::string base_path;  // "/v1" or empty: prefix of every Request::target
    std::string ca_file;    // a private authority's PEM file, trusted besides the system's; empty: none
    bool loopback_required = false;  // forbidden unless the connected address is loopback
    bool allow_plain_http_credentials =
        false;  // credentials over plain http to another machine: only if configured
};

struct Request {
    std::string_view method = "POST";
    std::string_view target;  // "/chat/completions?x=y": after base_path
    // Without Host, Content-Length, Transfer-Encoding and Connection, which are added here (and replaced if
    // present).
    http::HeaderList headers;
    const CommonFields* common = nullptr;  // sent before `headers`; must stay until send() returns
};

struct Timeouts {
    nanoseconds connect = std::chrono::seconds(10);   // name, TCP, proxy and TLS together
    nanoseconds headers = std::chrono::seconds(120);  // from the first byte sent to the response's head
    nanoseconds idle = std::chrono::seconds(120);     // between two reads of the body that return bytes
    nanoseconds total = std::chrono::hours(1);        // all of it
};

// A response whose head has arrived. Destroying it before its end closes the connection; once it is read to the end, the
// connection is back in the pool. Never destroy it while a read() is waiting.
class Response {
  public:
    virtual ~Response() = default;
    [[nodiscard]] virtual int status() const = 0;
    [[nodiscard]] virtual const http::HeaderList& headers() const = 0;

    // The next bytes of the body from one read of the socket, chunk framing removed; valid until
    // the next read(). Empty: the clean end (also on later calls). Errors: upstream_broken (truncated, reset),
    // upstream_timeout (idle or total), upstream_failed (malformed chunk, over the body limit), or the reason
    // of the StopToken.
    virtual Task<Result<std::string_view>> read() = 0;
    // The whole body; too_large beyond `limit` bytes.
    virtual Task<Result<std::string>> read_all(std::size_t limit = limits::kReplyBytes) = 0;
    virtual void set_body_limit(std::size_t bytes) = 0;  // default: none; the caller limits what it keeps
    virtual void abort() = 0;  // closes at once; a waiting read() ends with cancelled

    [[nodiscard]] virtual const net::Address& peer()
        const = 0;  // the address connected to; the proxy's, if proxied()
    [[nodiscard]] virtual bool proxied() const = 0;
    [[nodiscard]] virtual bool reused() const = 0;               // over a pooled connection
    [[nodiscard]] virtual nanoseconds connect_time() const = 0;  // 0 when reused
    [[nodiscard]] virtual nanoseconds head_time() const = 0;     // from send() to the response's head
};

// The port: what the pipeline and everything else that sends use. Client is the real one; tests have others.
class Sender {
  public:
    virtual ~Sender() = default;

    // Sends the request with the cleared body and waits for the response's head. `cleared`, `to` and the bytes behind both
    // must stay until it returns; the StopToken also governs the Response's reads.
    //
    // Errors, all before any response: forbidden (cleared for another destination; the permit's place or
    // loopback_required not borne out by the connected address; credentials over plain http beyond this
    // machine), upstream_connect (name, refused, TLS, proxy), upstream_timeout (connect or headers),
    // upstream_broken (closed before a head), upstream_failed (malformed head), or the token's reason.
    virtual Task<Result<std::unique_ptr<Response>>> send(const privacy::Cleared& cleared, const Remote& to,
                                                         Request request, Timeouts timeouts,
                                                         StopToken stop) = 0;
};

class Client final : public Sender {
  public:
    struct Options {
        net::ProxyEnv proxies;
        std::size_t idle_per_destination = 128;
        std::size_t idle_total = 512;
        nanoseconds idle_timeout = std::chrono::seconds(30);  // upstreams commonly close after 60 to 75 s
        net::Resolver::Options dns;
    };
    struct Stats {
        std::uint64_t connects = 0, reuses = 0, stale_retries = 0;
        std::size_t idle = 0, active = 0;
    };
    explicit Client(net::Loop& loop) : Client(loop, Options{}) {}
    Client(net::Loop& loop, Options options);
    ~Client() override;  // no exchange may be under way

    // A kept connection that turns out dead before any byte of a response is replaced by a fresh one, once.
    // Nothing else is retried here. Status codes are not judged: a 500 is a Response.
    //
    // Proxies from the environment are used for cloud destinations only: what may stay on this machine or in
    // this network must not pass through somebody else's. Names that a proxy resolves are not resolved here.
    Task<Result<std::unique_ptr<Response>>> send(const privacy::Cleared& cleared, const Remote& to,
                                                 Request request, Timeouts timeouts, StopToken stop) override;
    void close_idle();
    [[nodiscard]] Stats stats() const;

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace hearth::client

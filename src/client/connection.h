#pragma once
// One connection to an upstream and the pool of idle ones; not for other rooms.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/client.h"
#include "http/response_decoder.h"
#include "net/dns.h"
#include "net/stream.h"
#include "net/tls.h"

namespace hearth::client {

struct Bucket;

struct Connection {
    Connection(net::Loop& loop, std::unique_ptr<net::Stream> s, Bucket& b, bool via_proxy)
        : stream(std::move(s)), bucket(b), proxied(via_proxy), deadline(loop, [this] { on_deadline(); }) {}

    std::unique_ptr<net::Stream> stream;
    Bucket& bucket;
    bool proxied;
    std::string out;                       // the request's head while it is being written
    std::vector<std::string_view> pieces;  // head and body
    net::Callback on_deadline;             // set by the holder of the connection: the pool or an exchange
    net::Deadline deadline;
};

struct Bucket {  // the connections to one destination over one proxy route
    std::vector<std::unique_ptr<Connection>> idle;
    std::size_t active = 0;
};

// Bounded, last in first out: the most recently used is least likely to have been closed by the upstream.
class Pool {
  public:
    explicit Pool(const Client::Options& options) : options_(options) {}

    [[nodiscard]] Bucket& bucket(const std::string& key) { return buckets_[key]; }
    [[nodiscard]] std::unique_ptr<Connection> take(Bucket& bucket);  // null: none
    void give(std::unique_ptr<Connection> connection);
    void clear();
    [[nodiscard]] std::size_t idle() const { return idle_; }

    // Decoders keep their buffers, so they are reused.
    [[nodiscard]] std::unique_ptr<http::ResponseDecoder> take_decoder();
    void give_decoder(std::unique_ptr<http::ResponseDecoder> decoder);

  private:
    void drop(Connection* connection);
    const Client::Options& options_;
    std::map<std::string, Bucket> buckets_;
    std::vector<std::unique_ptr<http::ResponseDecoder>> decoders_;
    std::size_t idle_ = 0;
};

struct Client::Impl {
    Impl(net::Loop& l, Options o) : loop(l), options(std::move(o)), resolver(l, options.dns), pool(options) {}

    net::Loop& loop;
    Options options;
    net::Resolver resolver;
    Pool pool;
    Stats stats;
    std::string key;  // scratch
    struct Tls {
        std::shared_ptr<net::TlsContext> context;
        bool loading = false;
        std::vector<Promised<bool>*> waiting;
    };
    std::map<std::string, Tls> tls;  // by ca_file

    // A new connection: name, TCP, proxy, TLS, all within `timeout`.
    Task<Result<std::unique_ptr<Connection>>> connect(const Remote& to, std::optional<net::Proxy> proxy,
                                                      Bucket& bucket, nanoseconds timeout, StopToken stop);
    Task<Result<std::shared_ptr<net::TlsContext>>> tls_context(std::string ca_file);
};

// Checks of the connected address before a byte is sent (see Client::send).
[[nodiscard]] Result<void> check_peer(const privacy::Permit& permit, const Remote& to, const Request& request,
                                      const Connection& connection);

}  // namespace hearth::client

#pragma once
// Name resolution with getaddrinfo(3), so that /etc/hosts, nsswitch and VPN resolvers apply, on separate threads: a
// name server that does not answer blocks neither the loop nor process exit.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/stop.h"
#include "base/task.h"
#include "net/address.h"
#include "net/loop.h"
#include "net/stream.h"

namespace hearth::net {

class Resolver {
  public:
    struct Options {
        nanoseconds ttl =
            std::chrono::seconds(30);  // getaddrinfo reports no TTL; short enough to follow a failover
        nanoseconds timeout = std::chrono::seconds(5);
        std::size_t entries = 256;  // cached names; the oldest is evicted
        unsigned threads = 2;       // lookups at the same time
        std::size_t queued = 256;   // waiting lookups; beyond: Code::overloaded
        // Replaces getaddrinfo in tests. Runs on a thread.
        std::function<Result<std::vector<Address>>(const std::string& host)> lookup;
    };
    explicit Resolver(Loop& loop) : Resolver(loop, Options{}) {}
    Resolver(Loop& loop, Options options);
    ~Resolver();

    // Never empty on success. Literals, and "localhost" with its subdomains (RFC 6761 section 6.3), are
    // answered without a lookup. Concurrent requests for a name share one lookup. Failures are not cached.
    // Code::upstream_connect with the name and the resolver's reason; cancelled when the token stops.
    Task<Result<std::vector<Address>>> resolve(std::string host, std::uint16_t port, StopToken stop);

  private:
    struct Flight;
    struct Impl;
    Loop& loop_;
    std::unique_ptr<Impl> impl_;
};

// Tries the addresses in order, each for at most `per_attempt` and all together for `timeout`; the last error
// names the host. Addresses beyond the fourth are not tried.
Task<Result<std::unique_ptr<Stream>>> connect_any(Loop& loop, std::vector<Address> addresses,
                                                  nanoseconds per_attempt, nanoseconds timeout,
                                                  StopToken stop);

}  // namespace hearth::net

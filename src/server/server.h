#pragma once
// The HTTP server: accepts, parses, enforces limits, keeps connections alive. Independent of models;
// checks of Host, Origin and keys belong to the handler.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/task.h"
#include "net/listener.h"
#include "net/loop.h"
#include "server/exchange.h"
#include "server/limits.h"

namespace hearth::server {

// A handler answers every exchange: one that ends without a response is a 500 (or, midstream, a
// reset connection). It must not throw.
using Handler = std::function<Task<void>(Exchange&)>;

// Appends an error body for `status` as JSON to `out`. `error.param`, if any, names the field at
// fault.
using ErrorWriter = std::function<void(const Error& error, int status, std::string& out)>;
// {"error":{"message":...,"type":...,"param":...,"code":...}}, the shape of OpenAI's API.
void write_openai_error(const Error& error, int status, std::string& out);

class Server {
  public:
    struct Stats {
        std::uint64_t accepted = 0, refused = 0, requests = 0, bad_requests = 0, clients_gone = 0;
        std::size_t open = 0, busy = 0;  // connections; those with an exchange in progress
    };

    Server(net::Loop& loop, Limits limits, Handler handler, ErrorWriter error_writer = write_openai_error);
    ~Server();  // after shutdown() has returned, or when no connection is open

    void serve(std::unique_ptr<net::Listener> listener);  // several may be added
    void serve_connection(std::unique_ptr<net::Stream> stream);

    // Stops accepting, closes idle connections, sends "Connection: close" with the next response of others,
    // waits up to `grace` for running exchanges, then stops their tokens, and resets the remaining ones after
    // `hard` more.
    Task<void> shutdown(nanoseconds grace, nanoseconds hard = std::chrono::seconds(2));

    [[nodiscard]] Stats stats() const;
    [[nodiscard]] std::vector<net::Address> addresses() const;

    struct Impl;

  private:
    std::shared_ptr<Impl> impl_;  // shared with connections
};

}  // namespace hearth::server

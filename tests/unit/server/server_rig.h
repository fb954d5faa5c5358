#pragma once
// A server on a free loopback port and clients that send raw bytes.
#include "server/server.h"
#include "unit/net/rig.h"

namespace rig {

struct Served {
    Served(net::Loop& loop, server::Handler handler, server::Limits limits = {})
        : server(loop, limits, std::move(handler)) {
        auto listener = listen(loop);
        address = listener->local_address();
        server.serve(std::move(listener));
    }
    server::Server server;
    net::Address address;
};

// Sends everything at once, reads until the server closes or `mark` has arrived.
inline Task<std::string> exchange_raw(net::Loop& loop, net::Address address, std::string request,
                                      std::string mark = "") {
    auto stream = co_await dial(loop, address);
    co_await write(*stream, std::move(request));
    co_return co_await read_until(*stream, std::move(mark));
}

inline std::string get(std::string_view path, std::string_view more = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: t\r\n" + std::string(more) + "\r\n";
}
inline std::string post(std::string_view path, std::string_view body, std::string_view more = "") {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(more) + "\r\n" + std::string(body);
}

// Responds with method, target and body.
inline Task<void> echo_handler(server::Exchange& ex) {
    auto body = co_await ex.read_body(1000);
    if (!body) {
        co_await ex.respond_error(body.error());
        co_return;
    }
    http::HeaderList headers;
    headers.append("content-type", "text/plain");
    const std::string text = "<" + ex.head().method + " " + ex.head().target + " " + std::string(*body) + ">";
    co_await ex.respond(200, headers, text);
}

}  // namespace rig

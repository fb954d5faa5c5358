#pragma once
// Resource limits of inbound connections.
#include <cstddef>

#include "base/limits.h"
#include "base/time.h"
#include "http/head.h"

namespace hearth::server {

struct Limits {
    http::Limits http;                               // head, header count, target, body: 431, 414, 413
    std::size_t connections = limits::kConnections;  // beyond: 503 and close
    nanoseconds head = std::chrono::seconds(10);     // first byte of a request to the end of its head: 408
    nanoseconds body_progress = std::chrono::seconds(30);  // between two reads of a body: 408
    nanoseconds body_total = std::chrono::minutes(10);
    nanoseconds keep_alive = std::chrono::seconds(75);      // idle between requests: closed
    nanoseconds write_progress = std::chrono::seconds(60);  // a client that accepts no byte is disconnected
    nanoseconds total = std::chrono::hours(2);              // one exchange, from its head: its token stops
    std::size_t write_buffer = 64 * 1024;                   // unsent bytes before write() waits
    std::size_t drain = 256 * 1024;  // unread body that is skipped to keep the connection
    std::size_t requests_per_connection = 1'000'000;
};

}  // namespace hearth::server

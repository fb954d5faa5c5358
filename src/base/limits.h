#pragma once
// Every limit of the request path in one place: what untrusted input may cost. Configuration may change the ones named
// in docs/configuration.md; the others are fixed.
#include <cstddef>
#include <cstdint>

namespace hearth::limits {

// HTTP (RFC 9112 leaves these to the server)
inline constexpr std::size_t kHeadBytes = 64 * 1024;         // request line and headers together: 431
inline constexpr std::size_t kHeaderCount = 128;             // fields in one head: 431
inline constexpr std::size_t kTargetBytes = 8 * 1024;        // request target: 414
inline constexpr std::size_t kBodyBytes = 64 * 1024 * 1024;  // request body, after chunk decoding: 413
inline constexpr std::size_t kChunkLineBytes = 256;          // chunk size line with extensions
inline constexpr std::size_t kTrailerBytes = 8 * 1024;
inline constexpr std::size_t kConnections = 4096;             // open inbound connections
inline constexpr std::size_t kReplyBytes = 64 * 1024 * 1024;  // an upstream's whole non-streamed reply

// Events and JSON
inline constexpr std::size_t kSseEventBytes =
    16 * 1024 * 1024;  // one event of an upstream (images come inline)
inline constexpr std::size_t kJsonDepth = 128;
inline constexpr std::size_t kJsonNodes = 4'000'000;

// A request's own counts
inline constexpr std::size_t kMessages = 20'000;
inline constexpr std::size_t kTools = 2'048;
inline constexpr std::size_t kStops = 64;
inline constexpr std::size_t kChoices = 16;  // n
inline constexpr std::size_t kEmbeddingInputs = 2'048;
inline constexpr std::size_t kModelNameBytes = 512;

// Hops: how many gateways a request may pass through before it counts as a loop (508)
inline constexpr int kHops = 3;

// The engine
inline constexpr std::size_t kEngineQueue = 512;  // requests waiting for one model: 503
inline constexpr std::size_t kEngineFrameBytes = 128 * 1024 * 1024;

// The ledger
inline constexpr std::size_t kLedgerBacklog = 10'000;   // local entries kept in memory while the disk refuses
inline constexpr std::size_t kLedgerInMemory = 10'000;  // settled entries with [ledger] store = "memory"

}  // namespace hearth::limits

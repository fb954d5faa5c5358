#pragma once
// TLS for outgoing connections: TLS 1.2 or newer, the system's trust store (SSL_CERT_FILE and
// SSL_CERT_DIR override it), SNI, host name or IP address verified, ALPN "http/1.1", sessions resumed. There
// is no switch that turns verification off; a private authority is named with its certificate file instead.
#include <memory>
#include <string>

#include "base/error.h"
#include "base/stop.h"
#include "base/task.h"
#include "net/stream.h"

namespace hearth::net {

class TlsContext {
  public:
    // `extra_ca_file` (PEM, may be empty) is trusted besides the system's store. Code::config if it cannot be
    // read.
    [[nodiscard]] static Result<std::shared_ptr<TlsContext>> client(const std::string& extra_ca_file);
    // For a server: certificate chain and key, PEM files.
    [[nodiscard]] static Result<std::shared_ptr<TlsContext>> server(const std::string& chain_file,
                                                                    const std::string& key_file);
    ~TlsContext();

    struct Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

  private:
    explicit TlsContext(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Handshake over a connected stream, which is consumed. `host` is verified against the certificate. Errors:
// upstream_connect with the reason (untrusted authority, wrong name, expired, protocol), upstream_timeout, or
// the token's reason.
Task<Result<std::unique_ptr<Stream>>> tls_connect(std::unique_ptr<Stream> plain,
                                                  std::shared_ptr<TlsContext> context, std::string host,
                                                  nanoseconds timeout, StopToken stop);
Task<Result<std::unique_ptr<Stream>>> tls_accept(std::unique_ptr<Stream> plain,
                                                 std::shared_ptr<TlsContext> context, nanoseconds timeout);

// Whether the handshake was shortened by a session kept from an earlier connection. False for other streams.
[[nodiscard]] bool tls_resumed(const Stream& stream);

}  // namespace hearth::net

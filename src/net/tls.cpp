#include "net/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/epoll.h>

#include <array>
#include <list>
#include <map>
#include <mutex>

namespace hearth::net {

namespace {

constexpr std::size_t kRecordBytes = 16 * 1024;  // most that one TLS record carries (RFC 8446 section 5.1)
constexpr std::size_t kSessions = 256;

std::string last_openssl_error(std::string_view otherwise) {
    const auto code = ERR_get_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason != nullptr ? reason : std::string(otherwise);
}

struct SessionFree {
    void operator()(SSL_SESSION* s) const { SSL_SESSION_free(s); }
};
struct SslFree {
    void operator()(SSL* s) const { SSL_free(s); }
};
struct ContextFree {
    void operator()(SSL_CTX* c) const { SSL_CTX_free(c); }
};

}  // namespace

struct TlsContext::Impl {
    std::unique_ptr<SSL_CTX, ContextFree> context;
    // Tickets of TLS 1.3 are best used once (RFC 8446 appendix C.4): taken out when used, the server sends new ones.
    std::map<std::string, std::unique_ptr<SSL_SESSION, SessionFree>> sessions;

    void keep(const std::string& key, SSL_SESSION* session) {
        if (sessions.size() >= kSessions) sessions.erase(sessions.begin());
        sessions.insert_or_assign(key, std::unique_ptr<SSL_SESSION, SessionFree>(session));
    }
    void use(const std::string& key, SSL* ssl) {
        const auto at = sessions.find(key);
        if (at == sessions.end()) return;
        SSL_set_session(ssl, at->second.get());
        sessions.erase(at);
    }
};

namespace {

class TlsStream final : public Stream {
  public:
    TlsStream(Loop& loop, Fd fd, Address peer, std::shared_ptr<TlsContext> context, std::string key)
        : Stream(loop, std::move(fd), std::move(peer)), context_(std::move(context)), key_(std::move(key)) {}
    ~TlsStream() override {
        if (fd_ && open_ && !cancelled_)
            SSL_shutdown(ssl_.get());  // close_notify, if it can be sent without waiting
        close();
    }
    using Stream::attach;

    bool prepare(bool server) {
        ssl_.reset(SSL_new(context_->impl().context.get()));
        if (!ssl_ || SSL_set_fd(ssl_.get(), fd_.get()) != 1) return false;
        SSL_set_app_data(ssl_.get(), this);
        if (server) {
            SSL_set_accept_state(ssl_.get());
            return true;
        }
        SSL_set_connect_state(ssl_.get());
        const auto host = key_.substr(0, key_.rfind('|'));
        auto* parameters = SSL_get0_param(ssl_.get());
        X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        context_->impl().use(key_, ssl_.get());
        if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1)
            return true;  // no SNI for addresses (RFC 6066)
        return X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size()) == 1 &&
               SSL_set_tlsext_host_name(ssl_.get(), host.c_str()) == 1;
    }

    // 1 done, else kWouldBlock or kFailed.
    std::ptrdiff_t try_handshake() {
        if (cancelled_) return kFailed;
        ERR_clear_error();
        const int r = SSL_do_handshake(ssl_.get());
        if (r == 1) {
            open_ = true;
            return 1;
        }
        return tls_failure(r, Doing::reading, Code::upstream_connect, "TLS handshake with");
    }

    std::ptrdiff_t try_read(std::span<char> into) override {
        if (cancelled_) return kFailed;
        if (!can_read_) return kWouldBlock;
        ERR_clear_error();
        std::size_t n = 0;
        const int r = SSL_read_ex(ssl_.get(), into.data(), into.size(), &n);
        if (r == 1) return static_cast<std::ptrdiff_t>(n);
        return tls_failure(r, Doing::reading, Code::upstream_broken, "reading from");
    }

    std::ptrdiff_t try_write(std::span<const std::string_view> pieces, std::size_t skip) override {
        if (cancelled_) return kFailed;
        if (!can_write_) return kWouldBlock;
        std::array<char, kRecordBytes> record;  // small pieces share one record, so one packet
        std::string_view data;
        std::size_t used = 0;
        for (auto piece : pieces) {
            piece.remove_prefix(std::exchange(skip, 0));
            if (used == 0 && (piece.size() >= record.size() || pieces.size() == 1)) {
                data = piece;
                break;
            }
            const auto take = std::min(piece.size(), record.size() - used);
            std::memcpy(record.data() + used, piece.data(), take);
            used += take;
            data = {record.data(), used};
            if (used == record.size()) break;
        }
        if (data.empty()) return 0;
        ERR_clear_error();
        std::size_t n = 0;
        const int r = SSL_write_ex(ssl_.get(), data.data(), data.size(), &n);
        if (r == 1) return static_cast<std::ptrdiff_t>(n);
        return tls_failure(r, Doing::writing, Code::upstream_broken, "writing to");
    }

    void shutdown_write() override {
        if (open_ && !cancelled_) SSL_shutdown(ssl_.get());
        Stream::shutdown_write();
    }

    [[nodiscard]] bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
    void remember(SSL_SESSION* session) { context_->impl().keep(key_, session); }

  protected:
    void on_events(std::uint32_t events) override {
        const bool broken = (events & (EPOLLHUP | EPOLLERR)) != 0;
        if ((broken || (events & EPOLLOUT) != 0) && std::exchange(read_wants_write_, false)) can_read_ = true;
        if ((broken || (events & (EPOLLIN | EPOLLRDHUP)) != 0) && std::exchange(write_wants_read_, false))
            can_write_ = true;
        Stream::on_events(events);
    }

  private:
    enum class Doing : std::uint8_t { reading, writing };

    std::ptrdiff_t tls_failure(int r, Doing doing, Code code, std::string_view what) {
        const int kind = SSL_get_error(ssl_.get(), r);
        if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
            const bool for_write = kind == SSL_ERROR_WANT_WRITE;
            (doing == Doing::reading ? can_read_ : can_write_) = false;
            if (doing == Doing::reading) read_wants_write_ = for_write;
            if (doing == Doing::writing) write_wants_read_ = !for_write;
            return kWouldBlock;
        }
        if (kind == SSL_ERROR_ZERO_RETURN) return 0;
        open_ = false;
        std::string reason;
        const long verified = SSL_get_verify_result(ssl_.get());
        if (verified != X509_V_OK) {
            reason =
                fmt::format("its certificate is not accepted: {}", X509_verify_cert_error_string(verified));
            ERR_clear_error();
        } else {
            reason = last_openssl_error("the connection was closed");
        }
        const auto host = key_.substr(0, key_.rfind('|'));
        cancel(Error{.code = code,
                     .message = fmt::format("{} {} ({}) failed: {}", what, host, peer_.to_string(), reason)});
        return kFailed;
    }

    std::shared_ptr<TlsContext> context_;
    std::string key_;  // "host|port": what a session may be resumed for
    std::unique_ptr<SSL, SslFree> ssl_;
    bool open_ = false;
    bool read_wants_write_ = false, write_wants_read_ = false;
};

int on_new_session(SSL* ssl, SSL_SESSION* session) {
    static_cast<TlsStream*>(SSL_get_app_data(ssl))->remember(session);
    return 1;  // the session is owned by the callback
}

void common_settings(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_read_ahead(context, 1);  // one system call for several records
}

Task<Result<std::unique_ptr<Stream>>> handshake(std::unique_ptr<TlsStream> stream, nanoseconds timeout,
                                                StopToken stop) {
    TlsStream& s = *stream;
    Deadline deadline(s.loop(), [&s] {
        s.cancel(Error{.code = Code::upstream_timeout,
                       .message = fmt::format("no TLS handshake with {} in time", s.peer().to_string())});
    });
    deadline.arm_in(timeout);
    const CancelOnStop cancel_on_stop(s, stop);
    while (true) {
        const auto n = s.try_handshake();
        if (n == 1) break;
        if (n == Stream::kFailed) co_return fail(s.error());
        if (n == 0)
            co_return fail(
                Code::upstream_connect,
                fmt::format("{} closed the connection in the TLS handshake", s.peer().to_string()));
        co_await s.readable();
    }
    co_return std::unique_ptr<Stream>(std::move(stream));
}

Task<Result<std::unique_ptr<Stream>>> wrap(std::unique_ptr<Stream> plain, std::shared_ptr<TlsContext> context,
                                           std::string key, bool server, nanoseconds timeout,
                                           StopToken stop) {
    auto& loop = plain->loop();
    auto peer = plain->peer();
    auto stream = std::make_unique<TlsStream>(loop, plain->release(), std::move(peer), std::move(context),
                                              std::move(key));
    plain.reset();
    if (auto attached = stream->attach(); !attached) co_return fail(std::move(attached.error()));
    if (!stream->prepare(server))
        co_return fail(Code::upstream_connect,
                       "TLS cannot be set up: " + last_openssl_error("unusable host name"));
    co_return co_await handshake(std::move(stream), timeout, std::move(stop));
}

}  // namespace

bool tls_resumed(const Stream& stream) {
    const auto* tls = dynamic_cast<const TlsStream*>(&stream);
    return tls != nullptr && tls->resumed();
}

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::client(const std::string& extra_ca_file) {
    auto impl = std::make_unique<Impl>();
    impl->context.reset(SSL_CTX_new(TLS_client_method()));
    auto* context = impl->context.get();
    if (context == nullptr)
        return fail(Code::internal, "TLS is not available: " + last_openssl_error("no context"));
    common_settings(context);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_default_verify_paths(context);
    if (!extra_ca_file.empty() && SSL_CTX_load_verify_file(context, extra_ca_file.c_str()) != 1) {
        return fail(Code::config, fmt::format("the certificate file {} cannot be used: {}", extra_ca_file,
                                              last_openssl_error("not PEM")));
    }
    const std::array<unsigned char, 9> alpn{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(context, alpn.data(), alpn.size());
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, on_new_session);
    ERR_clear_error();
    return std::shared_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

Result<std::shared_ptr<TlsContext>> TlsContext::server(const std::string& chain_file,
                                                       const std::string& key_file) {
    auto impl = std::make_unique<Impl>();
    impl->context.reset(SSL_CTX_new(TLS_server_method()));
    auto* context = impl->context.get();
    if (context == nullptr)
        return fail(Code::internal, "TLS is not available: " + last_openssl_error("no context"));
    common_settings(context);
    if (SSL_CTX_use_certificate_chain_file(context, chain_file.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
        return fail(Code::config, fmt::format("the certificate {} with key {} cannot be used: {}", chain_file,
                                              key_file, last_openssl_error("not PEM")));
    }
    return std::shared_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

Task<Result<std::unique_ptr<Stream>>> tls_connect(std::unique_ptr<Stream> plain,
                                                  std::shared_ptr<TlsContext> context, std::string host,
                                                  nanoseconds timeout, StopToken stop) {
    std::string key = fmt::format("{}|{}", host, plain->peer().port());
    return wrap(std::move(plain), std::move(context), std::move(key), false, timeout, std::move(stop));
}

Task<Result<std::unique_ptr<Stream>>> tls_accept(std::unique_ptr<Stream> plain,
                                                 std::shared_ptr<TlsContext> context, nanoseconds timeout) {
    std::string key = plain->peer().to_string() + "|";
    return wrap(std::move(plain), std::move(context), std::move(key), true, timeout, {});
}

}  // namespace hearth::net

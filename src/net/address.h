#pragma once
// An IP address with port, or the path of a Unix socket; and which network it belongs to, from which the
// place of an upstream (this machine, the local network, the internet) is derived.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

struct sockaddr;

namespace hearth::net {

// loopback: 127/8, ::1 and Unix sockets. lan: RFC 1918, IPv4 link-local (RFC 3927), IPv6 unique-local (RFC
// 4193) and link-local (RFC 4291). internet: all others, so that an unlisted range is never treated as
// local (carrier-grade NAT, RFC 6598, is internet: it is the operator's network). An IPv4-mapped IPv6 address is
// classified by its IPv4 part.
enum class AddressClass : std::uint8_t { loopback, lan, internet };
[[nodiscard]] std::string_view address_class_name(AddressClass c);

class Address {
  public:
    enum class Family : std::uint8_t { none, ip4, ip6, local };

    Address() = default;
    // A literal: "127.0.0.1", "::1", "fe80::1%eth0" (no brackets, no names). invalid_request if it is none.
    [[nodiscard]] static Result<Address> parse(std::string_view ip, std::uint16_t port);
    [[nodiscard]] static Address local(std::string path);  // Unix socket
    [[nodiscard]] static Address from(const sockaddr* sa,
                                      unsigned len);  // family none if it is not supported

    [[nodiscard]] Family family() const { return family_; }
    [[nodiscard]] std::uint16_t port() const { return port_; }
    void set_port(std::uint16_t port) { port_ = port; }
    [[nodiscard]] const std::string& path() const { return path_; }
    // 4 bytes for ip4 and 16 for ip6, network order, in the front of the array.
    [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
    [[nodiscard]] AddressClass address_class() const;
    [[nodiscard]] std::string ip() const;         // "::1"; the path of a Unix socket
    [[nodiscard]] std::string to_string() const;  // "[::1]:4327", "127.0.0.1:80", "unix:/run/x"

    // Fills a sockaddr_storage; returns its length, 0 if a path does not fit (108 bytes).
    unsigned to_sockaddr(void* storage) const;
    bool operator==(const Address&) const = default;

  private:
    Family family_ = Family::none;
    std::uint16_t port_ = 0;
    std::uint32_t scope_ = 0;
    std::array<std::uint8_t, 16> bytes_{};
    std::string path_;
};

// "10.0.0.0/8", "fd00::/8", or a bare address (whole length). False for names and malformed text.
[[nodiscard]] bool in_cidr(const Address& address, std::string_view cidr);

}  // namespace hearth::net

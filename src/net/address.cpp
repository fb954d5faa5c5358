#include "net/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <charconv>
#include <cstring>

namespace hearth::net {

namespace {

bool is_mapped(const std::array<std::uint8_t, 16>& b) {  // ::ffff:0:0/96, RFC 4291 section 2.5.5.2
    for (std::size_t i = 0; i < 10; ++i) {
        if (b[i] != 0) return false;
    }
    return b[10] == 0xff && b[11] == 0xff;
}

AddressClass class_of_ip4(const std::uint8_t* b) {
    if (b[0] == 127) return AddressClass::loopback;
    if (b[0] == 10) return AddressClass::lan;
    if (b[0] == 172 && (b[1] & 0xf0) == 16) return AddressClass::lan;
    if (b[0] == 192 && b[1] == 168) return AddressClass::lan;
    if (b[0] == 169 && b[1] == 254) return AddressClass::lan;
    return AddressClass::internet;
}

AddressClass class_of_ip6(const std::array<std::uint8_t, 16>& b) {
    if (is_mapped(b)) return class_of_ip4(b.data() + 12);
    const std::array<std::uint8_t, 16> one{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    if (b == one) return AddressClass::loopback;
    if ((b[0] & 0xfe) == 0xfc) return AddressClass::lan;
    if (b[0] == 0xfe && (b[1] & 0xc0) == 0x80) return AddressClass::lan;
    return AddressClass::internet;
}

}  // namespace

std::string_view address_class_name(AddressClass c) {
    switch (c) {
        case AddressClass::loopback:
            return "loopback";
        case AddressClass::lan:
            return "lan";
        case AddressClass::internet:
            break;
    }
    return "internet";
}

Result<Address> Address::parse(std::string_view ip, std::uint16_t port) {
    Address a;
    a.port_ = port;
    const auto percent = ip.find('%');
    const std::string text(ip.substr(0, percent));
    if (percent == std::string_view::npos && ::inet_pton(AF_INET, text.c_str(), a.bytes_.data()) == 1) {
        a.family_ = Family::ip4;
        return a;
    }
    if (::inet_pton(AF_INET6, text.c_str(), a.bytes_.data()) == 1) {
        a.family_ = Family::ip6;
        if (percent == std::string_view::npos) return a;
        a.scope_ = ::if_nametoindex(std::string(ip.substr(percent + 1)).c_str());
        if (a.scope_ != 0) return a;
    }
    return fail(Code::invalid_request, fmt::format("\"{}\" is not an IP address", ip.substr(0, 64)));
}

Address Address::local(std::string path) {
    Address a;
    a.family_ = Family::local;
    a.path_ = std::move(path);
    return a;
}

Address Address::from(const sockaddr* sa, unsigned len) {
    Address a;
    if (len >= sizeof(sockaddr_in) && sa->sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, sa, sizeof in);
        a.family_ = Family::ip4;
        a.port_ = ntohs(in.sin_port);
        std::memcpy(a.bytes_.data(), &in.sin_addr, 4);
    } else if (len >= sizeof(sockaddr_in6) && sa->sa_family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, sa, sizeof in);
        a.family_ = Family::ip6;
        a.port_ = ntohs(in.sin6_port);
        a.scope_ = in.sin6_scope_id;
        std::memcpy(a.bytes_.data(), &in.sin6_addr, 16);
    } else if (sa->sa_family == AF_UNIX) {
        a.family_ = Family::local;
    }
    return a;
}

AddressClass Address::address_class() const {
    switch (family_) {
        case Family::local:
            return AddressClass::loopback;
        case Family::ip4:
            return class_of_ip4(bytes_.data());
        case Family::ip6:
            return class_of_ip6(bytes_);
        case Family::none:
            break;
    }
    return AddressClass::internet;
}

std::string Address::ip() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (family_ == Family::local) return path_;
    if (family_ == Family::none) return {};
    ::inet_ntop(family_ == Family::ip4 ? AF_INET : AF_INET6, bytes_.data(), text.data(), text.size());
    return text.data();
}

std::string Address::to_string() const {
    switch (family_) {
        case Family::local:
            return "unix:" + path_;
        case Family::ip4:
            return fmt::format("{}:{}", ip(), port_);
        case Family::ip6:
            return fmt::format("[{}]:{}", ip(), port_);
        case Family::none:
            break;
    }
    return "(no address)";
}

unsigned Address::to_sockaddr(void* storage) const {
    if (family_ == Family::ip4) {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(port_);
        std::memcpy(&in.sin_addr, bytes_.data(), 4);
        std::memcpy(storage, &in, sizeof in);
        return sizeof in;
    }
    if (family_ == Family::ip6) {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(port_);
        in.sin6_scope_id = scope_;
        std::memcpy(&in.sin6_addr, bytes_.data(), 16);
        std::memcpy(storage, &in, sizeof in);
        return sizeof in;
    }
    sockaddr_un un{};
    if (family_ != Family::local || path_.size() >= sizeof un.sun_path) return 0;
    un.sun_family = AF_UNIX;
    std::memcpy(un.sun_path, path_.data(), path_.size());
    std::memcpy(storage, &un, sizeof un);
    return static_cast<unsigned>(offsetof(sockaddr_un, sun_path) + path_.size() + 1);
}

bool in_cidr(const Address& address, std::string_view cidr) {
    const auto slash = cidr.find('/');
    const auto network = Address::parse(cidr.substr(0, slash), 0);
    if (!network || network->family() != address.family()) return false;
    unsigned bits = network->family() == Address::Family::ip4 ? 32 : 128;
    if (slash != std::string_view::npos) {
        const auto text = cidr.substr(slash + 1);
        unsigned given = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), given);
        if (error != std::errc{} || end != text.data() + text.size() || given > bits) return false;
        bits = given;
    }
    for (std::size_t i = 0; bits > 0; ++i) {
        const unsigned here = std::min(bits, 8U);
        const auto mask = static_cast<std::uint8_t>(0xff00U >> here);
        if (((address.bytes()[i] ^ network->bytes()[i]) & mask) != 0) return false;
        bits -= here;
    }
    return true;
}

}  // namespace hearth::net

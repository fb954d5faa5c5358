#include "rig.h"

namespace address_test {

using namespace rig;
using net::AddressClass;

namespace {
AddressClass class_of(std::string_view ip) {
    return net::Address::parse(ip, 1)->address_class();
}
}  // namespace

TEST_CASE("addresses are classified as loopback, LAN or internet") {
    for (const char* ip : {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"}) {
        CAPTURE(ip);
        CHECK(class_of(ip) == AddressClass::loopback);
    }
    for (const char* ip : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.1.1",
                           "fe80::1", "fd00::1", "fc00::1", "::ffff:192.168.1.1"}) {
        CAPTURE(ip);
        CHECK(class_of(ip) == AddressClass::lan);
    }
    for (const char* ip : {"8.8.8.8", "172.32.0.1", "172.15.255.255", "192.169.0.1", "100.64.0.1", "0.0.0.0",
                           "::", "2001:db8::1", "::ffff:8.8.8.8", "255.255.255.255", "fec0::1",
                           "126.255.255.255", "128.0.0.1"}) {
        CAPTURE(ip);
        CHECK(class_of(ip) == AddressClass::internet);
    }
    CHECK(net::Address::local("/x").address_class() == AddressClass::loopback);
    CHECK(net::Address().address_class() == AddressClass::internet);  // unknown counts as internet
}

TEST_CASE("only address literals are parsed") {
    for (const char* bad : {"", "localhost", "1.2.3", "01.2.3.4", "127.1", "0x7f.0.0.1", "2130706433",
                            "[::1]", "::1%", "1.2.3.4%eth0", "1.2.3.4 ", "fe80::1%no-such-interface"}) {
        CAPTURE(bad);
        CHECK_FALSE(net::Address::parse(bad, 1).has_value());
    }
    CHECK(net::Address::parse("::1", 80)->to_string() == "[::1]:80");
    CHECK(net::Address::parse("1.2.3.4", 80)->to_string() == "1.2.3.4:80");
}

TEST_CASE("CIDR blocks match addresses") {
    const auto a = *net::Address::parse("10.1.2.3", 0);
    CHECK(net::in_cidr(a, "10.0.0.0/8"));
    CHECK(net::in_cidr(a, "10.1.2.0/23"));
    CHECK(net::in_cidr(a, "10.1.2.3"));
    CHECK(net::in_cidr(a, "0.0.0.0/0"));
    CHECK_FALSE(net::in_cidr(a, "10.1.0.0/23"));
    CHECK_FALSE(net::in_cidr(a, "10.1.2.2/32"));
    CHECK_FALSE(net::in_cidr(a, "10.0.0.0/33"));
    CHECK_FALSE(net::in_cidr(a, "10.0.0.0/x"));
    CHECK_FALSE(net::in_cidr(a, "::/0"));
    CHECK(net::in_cidr(*net::Address::parse("fd00:1::5", 0), "fd00:1::/32"));
}

}  // namespace address_test

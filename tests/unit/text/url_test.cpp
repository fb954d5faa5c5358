#include "text/url.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace url_test {

using namespace hearth;
using namespace hearth::text;

TEST_CASE("URL: components of valid URLs") {
    CHECK(parse_url("https://api.openai.com/v1/chat?x=1").value() ==
          Url{"https", "api.openai.com", 443, "/v1/chat?x=1", false});
    CHECK(parse_url("HTTP://LocalHost:11434").value() == Url{"http", "localhost", 11434, "/", false});
    CHECK(parse_url("http://[::1]:8080/a").value() == Url{"http", "::1", 8080, "/a", true});
    CHECK(parse_url("http://h?q").value().target == "/?q");
    CHECK(parse_url("http://127.0.0.1/%41").value().target == "/%41");
    CHECK(parse_url("https://[2001:db8::1]").value().authority() == "[2001:db8::1]");
    CHECK(parse_url("https://h:443/").value().authority() == "h");
    CHECK(parse_url("https://h:80/").value().to_string() == "https://h:80/");
}

TEST_CASE("URL: invalid and ambiguous URLs are rejected") {
    const std::string_view bad[] = {"",
                                    "h",
                                    "//h/",
                                    "ftp://h/",
                                    "file:///etc/passwd",
                                    "http:/h",
                                    "http://",
                                    "http:///x",
                                    "http://h:/",
                                    "http://h:0/",
                                    "http://h:65536/",
                                    "http://h:+80/",
                                    "http://h:80x/",
                                    "http://user@h/",
                                    "http://user:secret@h/",
                                    "http://h/#top",
                                    "http://h/a b",
                                    "http://h/a\\b",
                                    "http://h\\@evil/",
                                    "http://h/\r\nX: y",
                                    "http://h/%",
                                    "http://h/%4",
                                    "http://h/%zz",
                                    "http://h/\xc3\xa9",
                                    "http://b\xc3\xbc"
                                    "cher/",
                                    "http://[::1",
                                    "http://[::1]x/",
                                    "http://[1.2.3.4]/",
                                    "http://[]/",
                                    "http://[::1%25eth0]/",
                                    "http://.h/",
                                    "http://-h/",
                                    "http://a..b/",
                                    "http://h h/",
                                    "http://h/\"",
                                    "http://h/|"};
    for (const auto text : bad) {
        CAPTURE(text);
        const auto url = parse_url(text);
        REQUIRE_FALSE(url);
        CHECK(url.error()->code == Code::invalid_request);
        CHECK(url.error()->message.find("secret") == std::string::npos);
    }
    CHECK_FALSE(parse_url("http://h/" + std::string(kUrlBytes, 'a')));
    CHECK_FALSE(parse_url("http://" + std::string(254, 'a') + "/"));
}

TEST_CASE("URL: Host header values") {
    CHECK(parse_authority("localhost").value().host == "localhost");
    CHECK(parse_authority("127.0.0.1:4327").value().port == 4327);
    CHECK(parse_authority("[::1]:4327").value().host == "::1");
    CHECK_FALSE(parse_authority("::1"));
    CHECK_FALSE(parse_authority("a:1:2"));
    CHECK_FALSE(parse_authority(""));
}

TEST_CASE("URL: percent-encoding") {
    CHECK(percent_encode("a b/\xc3\xa9~%") == "a%20b%2F%C3%A9~%25");
    CHECK(percent_encode("a/b c", "/") == "a/b%20c");
    CHECK_FALSE(percent_decode("%"));
    CHECK_FALSE(percent_decode("%4"));
    CHECK_FALSE(percent_decode("%4g"));
    CHECK(rc::check([](const std::string& s) { RC_ASSERT(percent_decode(percent_encode(s)) == s); }));
}

TEST_CASE("URL: query parameters") {
    const auto query = parse_query("limit=5&name=a+b%26c&&flag&limit=6").value();
    REQUIRE(query.size() == 4);
    CHECK(find_parameter(query, "limit") == "5");
    CHECK(find_parameter(query, "name") == "a b&c");
    CHECK(find_parameter(query, "flag") == "");
    CHECK_FALSE(find_parameter(query, "none"));
    CHECK_FALSE(parse_query("a=%"));
    std::string many;
    for (std::size_t i = 0; i <= kQueryParameters; ++i) many += "a&";
    CHECK_FALSE(parse_query(many));
}

}  // namespace url_test

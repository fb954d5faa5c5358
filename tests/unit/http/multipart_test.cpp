// Bodies as browsers and SDKs write them, truncated at every byte, and bodies that two parsers could read differently.
#include "http/multipart.h"

#include <doctest/doctest.h>

namespace multipart_test {

using namespace hearth;
using namespace hearth::http;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view kBody =
    "--XyZ\r\n"
    "Content-Disposition: form-data; name=\"model\"\r\n"
    "\r\n"
    "openai/whisper-1\r\n"
    "--XyZ\r\n"
    "content-disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".wav\"\r\n"
    "Content-Type: audio/wav\r\n"
    "\r\n"
    "RI\r\n-FF\r\n--Xy\0\r\n\r\n"
    "--XyZ  \r\n"
    "Content-Disposition: form-data; name=empty\r\n"
    "\r\n"
    "\r\n"
    "--XyZ--\r\n"sv;

Code code_of(std::string_view body) {
    const auto parts = parse_multipart(body, "XyZ");
    REQUIRE(!parts);
    CHECK(!parts.error()->message.empty());
    return parts.error()->code;
}

}  // namespace

TEST_CASE("multipart: parts have their names, types and bytes") {
    const auto parts = parse_multipart(kBody, "XyZ");
    REQUIRE(parts);
    REQUIRE(parts->size() == 3);
    const auto& all = *parts;
    CHECK(all[0].name == "model");
    CHECK(all[0].content == "openai/whisper-1");
    CHECK(kBody.substr(all[0].offset, all[0].content.size()) == all[0].content);
    CHECK(all[1].name == "file");
    CHECK(all[1].filename == "a \"b\".wav");
    CHECK(all[1].content_type == "audio/wav");
    CHECK(all[1].content.starts_with("RI\r\n-FF\r\n--Xy"));
    CHECK(all[2].name == "empty");
    CHECK(all[2].content.empty());
}

TEST_CASE("multipart: a body truncated at any byte is rejected") {
    const auto whole = kBody.find("--XyZ--") + 7;
    for (std::size_t size = 0; size < whole; ++size) {
        INFO("cut at " << size);
        const std::vector<char> exact(kBody.begin(), kBody.begin() + static_cast<std::ptrdiff_t>(size));
        CHECK_FALSE(parse_multipart({exact.data(), exact.size()}, "XyZ"));
    }
    CHECK(parse_multipart(kBody.substr(0, whole), "XyZ"));
}

TEST_CASE("multipart: ambiguous bodies are rejected") {
    const std::string_view head = "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n";
    const auto with = [&](std::string_view rest) { return std::string(head) + std::string(rest); };
    CHECK(code_of(with("\r\nx\r\n--XyZmore\r\n")) == Code::invalid_request);
    CHECK(code_of(with("Content-Disposition: form-data; name=\"b\"\r\n\r\nx\r\n--XyZ--")) ==
          Code::invalid_request);
    CHECK(code_of(with("no field\r\n\r\nx\r\n--XyZ--")) == Code::invalid_request);
    CHECK(code_of(with("\r\n--XyZ--")) == Code::invalid_request);
    CHECK(code_of("--XyZ\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\nx\r\n--XyZ--") ==
          Code::invalid_request);
    CHECK(code_of("--XyZ\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XyZ--") == Code::invalid_request);
    CHECK(code_of("--XyZ\r\nContent-Type: text/plain\r\n\r\nx\r\n--XyZ--") == Code::invalid_request);
    CHECK(code_of("preamble\r\n--XyZ--") == Code::invalid_request);
}

TEST_CASE("multipart: too many parts or too long part headers are rejected") {
    std::string many;
    for (int i = 0; i < 5; ++i) many += "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n";
    many += "--XyZ--";
    CHECK(parse_multipart(many, "XyZ", {.parts = 5}));
    const auto over = parse_multipart(many, "XyZ", {.parts = 4});
    REQUIRE(!over);
    CHECK(over.error()->code == Code::too_large);
    CHECK_FALSE(parse_multipart(many, "XyZ", {.head_bytes = 20}));
}

TEST_CASE("multipart: the boundary is read from the content-type") {
    CHECK(multipart_boundary("multipart/form-data; boundary=abc").value() == "abc");
    CHECK(multipart_boundary("Multipart/Form-Data; charset=utf-8; boundary=\"a b:c\"").value() == "a b:c");
    for (const auto* bad :
         {"", "application/json", "multipart/form-data", "multipart/form-data; boundary=",
          "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=a; boundary=b",
          "multipart/form-data; boundary=\"a\r\nb\"", "multipart/form-data; boundary=\"open"})
        CHECK_FALSE(multipart_boundary(bad));
    CHECK_FALSE(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'a')));
}

TEST_CASE("multipart: a repeated field is rejected") {
    const auto parts = parse_multipart(kBody, "XyZ");
    REQUIRE(parts);
    CHECK((*only_part(*parts, "model"))->content == "openai/whisper-1");
    CHECK(*only_part(*parts, "other") == nullptr);
    auto twice = *parts;
    twice.push_back(twice.front());
    CHECK_FALSE(only_part(twice, "model"));
}

}  // namespace multipart_test

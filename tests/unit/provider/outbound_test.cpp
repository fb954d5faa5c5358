#include "provider/outbound.h"

#include <doctest/doctest.h>

namespace outbound_test {

using namespace hearth;
using namespace hearth::provider;

namespace {

Provider cloud() {
    Provider row;
    row.id = "openai";
    row.base = text::parse_url("https://api.openai.com/v1").value();
    row.key = Secret("sk-ours");
    row.key_from = "OPENAI_API_KEY";
    return row;
}

http::HeaderList headers(std::initializer_list<http::Header> fields) {
    http::HeaderList list;
    for (const auto& field : fields) list.append(field.name, field.value);
    return list;
}

struct Asked {
    exchange::Kind kind = exchange::Kind::chat;
    bool stream = false;
    int hops = 0;
    http::HeaderList client{};
    bool same_dialect = true;
};

// The head as it leaves: what all requests say, then what this one adds.
Result<http::RequestHead> outbound_head(const Provider& row, const Asked& asked) {
    constexpr std::string_view kPaths[] = {"/chat/completions", "/completions", "/embeddings"};
    const std::string path(kPaths[static_cast<std::size_t>(asked.kind)]);
    const bool completion = asked.kind == exchange::Kind::completion;
    auto head = common_head(row, row.wires.empty() ? Wire{} : row.wires.front(), asked.kind,
                            completion ? row.quirks.completions_path : path, asked.stream);
    if (head) add_request_headers(row, asked.hops, asked.same_dialect, asked.client, head->headers);
    return head;
}

}  // namespace

TEST_CASE("a request to a provider has its path and key, and only the client headers that may pass") {
    const auto client = headers({{"Authorization", "Bearer client-key"},
                                 {"Cookie", "session=1"},
                                 {"X-Forwarded-For", "10.1.2.3"},
                                 {"Forwarded", "for=10.1.2.3"},
                                 {"X-Stainless-OS", "Linux"},
                                 {"X-Hearth-Hop", "1"},
                                 {"X-Hearth-Project", "secret"},
                                 {"Connection", "keep-alive"},
                                 {"Transfer-Encoding", "chunked"},
                                 {"User-Agent", "OpenAI/JS 6.1"},
                                 {"Accept-Encoding", "gzip"},
                                 {"X-Api-Key", "client-key"},
                                 {"OpenAI-Organization", "org-1"},
                                 {"Idempotency-Key", "abc"}});
    const auto head = outbound_head(cloud(), {.stream = true, .hops = 1, .client = client});
    REQUIRE(head);
    CHECK(head->method == "POST");
    CHECK(head->target == "/v1/chat/completions");
    CHECK(head->host == "api.openai.com");
    const auto& sent = head->headers;
    CHECK(sent.get("host") == "api.openai.com");
    CHECK(sent.get("authorization") == "Bearer sk-ours");
    CHECK(sent.count("authorization") == 1);
    CHECK(sent.get("content-type") == "application/json");
    CHECK(sent.get("accept") == "text/event-stream");
    CHECK(sent.get("accept-encoding") == "identity");
    CHECK(sent.get("user-agent").starts_with("hearth/"));
    CHECK(sent.get("x-hearth-hop") == "2");
    CHECK(sent.get("openai-organization") == "org-1");
    CHECK(sent.get("idempotency-key") == "abc");
    CHECK(sent.size() == 9);  // and nothing else
}

TEST_CASE("endpoints, and those a provider does not have") {
    auto row = cloud();
    const auto target = [&](exchange::Kind kind) {
        return outbound_head(row, {.kind = kind}).value().target;
    };
    CHECK(target(exchange::Kind::completion) == "/v1/completions");
    CHECK(target(exchange::Kind::embedding) == "/v1/embeddings");
    row.base->target.clear();
    row.quirks.completions_path = "/beta/completions";
    CHECK(target(exchange::Kind::completion) == "/beta/completions");
    CHECK(target(exchange::Kind::chat) == "/chat/completions");
    row.quirks.embeddings = false;
    CHECK(outbound_head(row, {.kind = exchange::Kind::embedding}).error()->code == Code::unsupported);
    CHECK(models_head(row).value().target == "/models");
    CHECK(models_head(row).value().method == "GET");
}

TEST_CASE("keys: required, optional, the client's own, in a header of their own") {
    auto row = cloud();
    row.key = Secret();
    row.key_env = {"OPENAI_API_KEY"};
    CHECK(outbound_head(row, {}).error()->code == Code::unavailable);
    CHECK(outbound_head(row, {}).error()->message.find("OPENAI_API_KEY") != std::string::npos);
    row.key_optional = true;
    CHECK(!outbound_head(row, {}).value().headers.contains("authorization"));

    row.pass_client_credentials = true;
    const auto client = headers({{"authorization", "Bearer theirs"}});
    CHECK(outbound_head(row, {.client = client}).value().headers.get("authorization") == "Bearer theirs");

    CHECK(outbound_head(row, {}).value().headers.count("authorization") == 0);
    row.key = Secret("sk-ours");
    CHECK(outbound_head(row, {}).value().headers.get("authorization") == "Bearer sk-ours");
    CHECK(outbound_head(row, {.client = client}).value().headers.count("authorization") == 1);
    row.headers = {{"Authorization", Secret("configured")}};
    CHECK(outbound_head(row, {.client = client}).value().headers.count("authorization") == 1);
    CHECK(outbound_head(row, {.client = client}).value().headers.get("authorization") == "configured");

    row = cloud();
    row.headers = {{"openai-organization", Secret("ours")}};
    const auto theirs = headers({{"OpenAI-Organization", "theirs"}});
    CHECK(outbound_head(row, {.client = theirs}).value().headers.count("openai-organization") == 1);
    CHECK(outbound_head(row, {.client = theirs}).value().headers.get("openai-organization") == "ours");

    row = cloud();
    row.auth = Auth::header;
    row.auth_header = "api-key";
    CHECK(outbound_head(row, {}).value().headers.get("api-key") == "sk-ours");
    row.headers = {{"api-key", Secret("configured")}, {"x-extra", Secret("1")}};
    const auto sent = outbound_head(row, {}).value().headers;
    CHECK(sent.get("api-key") == "configured");
    CHECK(sent.count("api-key") == 1);
    CHECK(sent.get("x-extra") == "1");
}

TEST_CASE("a key is refused on plain http to another machine") {
    auto row = cloud();
    row.base = text::parse_url("http://10.0.0.7/v1").value();
    const auto head = outbound_head(row, {});
    REQUIRE(!head);
    CHECK(head.error()->code == Code::forbidden);
    CHECK(head.error()->message.find("sk-ours") == std::string::npos);
    row.base = text::parse_url("http://127.0.0.1:9/v1").value();
    CHECK(outbound_head(row, {}));
}

TEST_CASE("hops are counted and bounded") {
    CHECK(incoming_hops({}).value() == 0);
    CHECK(incoming_hops(headers({{"x-hearth-hop", "2"}})).value() == 2);
    CHECK(incoming_hops(headers({{"X-Hearth-Hop", "3"}})).error()->code == Code::loop_detected);
    CHECK(incoming_hops(headers({{"x-hearth-hop", "99999"}})).error()->code == Code::loop_detected);
    for (const auto* wrong : {"", "-1", "1.5", "two", "18446744073709551617"}) {
        CAPTURE(wrong);
        CHECK(incoming_hops(headers({{"x-hearth-hop", wrong}})).error()->code == Code::invalid_request);
    }
    CHECK(incoming_hops(headers({{"x-hearth-hop", "1"}, {"x-hearth-hop", "0"}})).error()->code ==
          Code::invalid_request);
}

}  // namespace outbound_test

// decode(encode(x)) == x for whatever the dialect can say, and for what real bodies decode to.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "unit/wire/generators.h"
#include "wire/openai/request.h"

namespace requests_property_test {

using namespace wire_test;
namespace openai = hearth::wire::openai;

namespace {

void check_comes_back(Kind kind) {
    const auto request = some_request(kind);
    const openai::EncodeOptions options{.max_completion_tokens = flip()};
    const auto body = openai::encode_request(request, options);
    json::Document document;
    RC_ASSERT(document.parse(body).has_value());
    const auto back = openai::decode_request(kind, document);
    if (!back) RC_FAIL(back.error()->message + " in " + body);
    if (!(*back == request)) RC_FAIL(body + "\n came back as\n" + openai::encode_request(*back, options));
}

}  // namespace

TEST_CASE("requests come back from their encoding") {
    CHECK(rc::check("chat", [] { check_comes_back(Kind::chat); }));
    CHECK(rc::check("completion", [] { check_comes_back(Kind::completion); }));
    CHECK(rc::check("embedding", [] { check_comes_back(Kind::embedding); }));
}

TEST_CASE("fields of the same dialect alone are left out in a translation") {
    json::Document document;
    REQUIRE(document.parse(R"({"model":"m","messages":[{"role":"developer","content":"d","odd":1},
        {"role":"user","content":[{"type":"text","text":"t","cache_control":{}},{"type":"video_url","video_url":{}}]},
        {"role":"assistant","reasoning_content":"r","content":"a"}],"tools":[{"type":"web_search"}],
        "max_tokens":5,"top_k":4,"num_ctx":9,"metadata":{},"stream":true,"stream_options":{"odd":1}})"));
    const auto request = openai::decode_chat(document);
    REQUIRE(request);
    CHECK(openai::encode_request(*request, {.model = "other",
                                            .max_completion_tokens = true,
                                            .developer_as_system = true,
                                            .extensions = false,
                                            .extra = false,
                                            .reasoning = false,
                                            .include_usage = true}) ==
          R"({"model":"other","messages":[{"role":"system","content":"d"},)"
          R"({"role":"user","content":[{"type":"text","text":"t"}]},{"role":"assistant","content":"a"}],)"
          R"("max_completion_tokens":5,"stream":true,"stream_options":{"include_usage":true}})");
}

}  // namespace requests_property_test

// The client's own bytes with a listed set of edits.
#include <doctest/doctest.h>

#include "text/edit.h"
#include "wire/openai/edits.h"

namespace edits_test {

using namespace hearth;
namespace openai = hearth::wire::openai;

namespace {

struct Edited {
    std::string body;
    hearth::wire::EditPlan plan;
};

Edited edited(std::string_view body, const hearth::wire::UpstreamNeeds& options) {
    json::Document document;
    REQUIRE(document.parse(body));
    Edited out;
    out.plan = openai::same_dialect_edits(document, options);
    auto applied = text::apply_edits(body, out.plan.edits);
    REQUIRE(applied);
    out.body = *applied;
    REQUIRE(document.parse(out.body));
    return out;
}

}  // namespace

TEST_CASE("the model is replaced and nothing else is touched") {
    const auto out = edited(R"( { "messages" : [ ] ,"model"	:"openai/gpt-5.5", "odd":1.50e0 } )",
                            {.model = "gpt-5.5"});
    CHECK(out.body == R"( { "messages" : [ ] ,"model"	:"gpt-5.5", "odd":1.50e0 } )");
    CHECK_FALSE(out.plan.hide_usage);
    CHECK(edited(R"({"model":"m"})", {.model = "m"}).plan.edits.empty());
    CHECK(edited(R"({"mod\u0065l":"a"})", {.model = "b"}).body == R"({"mod\u0065l":"b"})");
    CHECK(edited(R"({"x":1})", {.model = "b\""}).body == R"({"x":1,"model":"b\""})");
}

TEST_CASE("usage is asked for when streaming, and then hidden") {
    const auto plain = edited(R"({"stream":true})", {});
    CHECK(plain.body == R"({"stream":true,"stream_options":{"include_usage":true}})");
    CHECK(plain.plan.hide_usage);
    const auto other = edited(R"({"stream":true,"stream_options":{"include_obfuscation":false}})", {});
    CHECK(other.body ==
          R"({"stream":true,"stream_options":{"include_obfuscation":false,"include_usage":true}})");
    CHECK(other.plan.hide_usage);
    const auto refused = edited(R"({"stream":true,"stream_options":{"include_usage":false}})", {});
    CHECK(refused.body == R"({"stream":true,"stream_options":{"include_usage":true}})");
    CHECK(refused.plan.hide_usage);
    CHECK(edited(R"({"stream":true,"stream_options":null})", {}).body ==
          R"({"stream":true,"stream_options":{"include_usage":true}})");
    for (const auto* untouched :
         {R"({"stream":true,"stream_options":{"include_usage":true}})", R"({"stream":false})", R"({})"}) {
        const auto out = edited(untouched, {});
        CHECK(out.body == untouched);
        CHECK_FALSE(out.plan.hide_usage);
    }
    CHECK(edited(R"({"stream":true})", {.ask_usage = false}).plan.edits.empty());
}

TEST_CASE("the field for the output limit is renamed as the vendor wants it") {
    CHECK(edited(R"({"max_tokens":5,"a":1})", {.max_tokens_field = "max_completion_tokens"}).body ==
          R"({"max_completion_tokens":5,"a":1})");
    CHECK(edited(R"({"max_completion_tokens":5})", {.max_tokens_field = "max_tokens"}).body ==
          R"({"max_tokens":5})");
    CHECK(edited(R"({"max_tokens":4,"max_completion_tokens":5})", {.max_tokens_field = "max_tokens"}).body ==
          R"({"max_tokens":5})");
    CHECK(
        edited(R"({"max_tokens":4,"max_completion_tokens":5})", {.max_tokens_field = "max_completion_tokens"})
            .body == R"({"max_completion_tokens":5})");
    CHECK(edited(R"({"max_tokens":4})", {.max_tokens_field = "max_tokens"}).plan.edits.empty());
}

TEST_CASE("the developer role becomes system, and unsupported fields are removed with a warning") {
    CHECK(edited(R"({"messages":[{"role":"developer","content":"developer"},{"role":"user"}]})",
                 {.developer_as_system = true})
              .body == R"({"messages":[{"role":"system","content":"developer"},{"role":"user"}]})");
    const std::string_view gone[] = {"seed", "absent"};
    const auto out = edited(R"({"seed":1,"n":2})", {.remove = gone});
    CHECK(out.body == R"({"n":2})");
    CHECK(out.plan.warnings ==
          std::vector<std::string>{"The field 'seed' was removed: this upstream refuses it."});
}

}  // namespace edits_test

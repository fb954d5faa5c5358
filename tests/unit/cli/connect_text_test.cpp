// Marked lines, the diff and its redaction.
#include <doctest/doctest.h>

#include "cli/connect/diff.h"
#include "cli/connect/marks.h"

namespace connect_text_test {

using namespace hearth;
using namespace hearth::cli::connect;

namespace {
const std::string kBlock = "# >>> hearth connect >>>\nx = 1\n# <<< hearth connect <<<\n";
}

TEST_CASE("marks: blocks are inserted and removed") {
    const std::string base = "a = 1\n[t]\nb = 2\n";
    const auto text = with_blocks(base, {{"x = 1\n", base.size()}, {"x = 1\n", 0}});
    CHECK(text == kBlock + base + kBlock);
    CHECK(without_blocks(text) == base);
    CHECK(with_blocks("", {{"x = 1\n", 0}}) == kBlock);
    CHECK(with_blocks("no end", {{"x = 1\n", 6}}) == "no end\n" + kBlock);
    CHECK(with_blocks("a\r\n", {{"x\n", 3}}) ==
          "a\r\n# >>> hearth connect >>>\r\nx\r\n# <<< hearth connect <<<\r\n");
    CHECK(without_blocks("a\r\n# >>> hearth connect >>>\r\nx\r\n# <<< hearth connect <<<\r\nb") == "a\r\nb");
}

TEST_CASE("marks: unmatched marks are rejected with their line") {
    CHECK(without_blocks("a\n# >>> hearth connect >>>\nx\n").error()->message.find("line 2 has no end") !=
          std::string::npos);
    CHECK(without_blocks("a\n\n# <<< hearth connect <<<\n")
              .error()
              ->message.starts_with("line 3 is an unmatched mark"));
    CHECK(without_blocks("# >>> hearth connect >>>\n" + kBlock)
              .error()
              ->message.starts_with("line 1 is an unmatched mark"));
}

TEST_CASE("diff: unified format") {
    CHECK(unified_diff("a\nb\n", "a\nb\n", "f").empty());
    CHECK(unified_diff("", "a\nb\n", "f") == "--- f (new file)\n+++ f\n@@ -0,0 +1,2 @@\n+a\n+b\n");
    CHECK(unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nX\n6\n7\n8\n9\n", "f") ==
          "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n");
    CHECK(unified_diff("a\nb", "a\nb\n", "f") ==
          "--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
    const auto far = unified_diff("x\n1\n2\n3\n4\n5\n6\n7\ny\n", "X\n1\n2\n3\n4\n5\n6\n7\nY\n", "f");
    CHECK(far.find("@@ -1,4 +1,4 @@\n-x\n+X\n") != std::string::npos);
    CHECK(far.find("@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-y\n+Y\n") != std::string::npos);
    CHECK(unified_diff("x\n1\n2\ny\n", "X\n1\n2\nY\n", "f") ==
          "--- f\n+++ f\n@@ -1,4 +1,4 @@\n-x\n+X\n 1\n 2\n-y\n+Y\n");
}

TEST_CASE("redact: keys and passwords are hidden") {
    CHECK(redacted(R"(+  "ANTHROPIC_AUTH_TOKEN": "abc def",)") == R"(+  "ANTHROPIC_AUTH_TOKEN": "***",)");
    CHECK(redacted("OPENAI_API_KEY=sk+abc/def==\n") == "OPENAI_API_KEY=***\n");
    CHECK(redacted("openai-api-key: 'x y'") == "openai-api-key: '***'");
    CHECK(redacted(R"({"apiKey":"s3cret","x":"y","password" : "p"})") ==
          R"({"apiKey":"***","x":"y","password" : "***"})");
    CHECK(redacted("Authorization = \"Bearer abc\"") == "Authorization = \"***\"");
    CHECK(redacted(R"("args": ["--header", "sk-abcdefghijkl"])") == R"("args": ["--header", "***"])");
    CHECK(redacted(R"("command": "curl -H x:hk_0123456789abcdef y")") == R"("command": "curl -H x:*** y")");
    for (const auto* plain :
         {R"("max_tokens": 4096,)", R"("apiKey": "hearth")", R"(envKey: "HEARTH_API_KEY")",
          R"("apiKey": "${env:KEY}")", R"("tokenSource": "manual")", R"("keymap": "vim")",
          "model = \"gpt\" # a key", "--- a/b\n+++ a/b\n@@ -1,2 +1,2 @@"}) {
        CHECK(redacted(plain) == plain);
    }
}

}  // namespace connect_text_test

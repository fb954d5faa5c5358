// docs/dialects.md is the output of `hearth dialects --markdown`.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "unit/cli/cli_rig.h"

namespace dialects_test {

TEST_CASE("docs/dialects.md equals the output of hearth dialects --markdown") {
    std::ifstream file(std::string(HEARTH_SOURCE_DIR) + "/docs/dialects.md");
    std::ostringstream page;
    page << file.rdbuf();
    cli_rig::Shell shell;
    CHECK(shell.run({"dialects", "--markdown"}) == 0);
    CHECK_MESSAGE(shell.out == page.str(), "run: hearth dialects --markdown > docs/dialects.md");
}

TEST_CASE("hearth dialects shows the translation between two dialects") {
    cli_rig::Shell shell;
    CHECK(shell.run({"dialects", "anthropic", "openai"}) == 0);
    CHECK(shell.out.find("hosted tools") != std::string::npos);
    CHECK(shell.run({"dialects", "klingon", "openai"}) != 0);
    CHECK(shell.err.find("'klingon' is not a dialect") != std::string::npos);
}

}  // namespace dialects_test

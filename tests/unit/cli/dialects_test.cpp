// docs/dialects.md is what `hearth dialects --markdown` prints.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "unit/cli/cli_rig.h"

namespace dialects_test {

TEST_CASE("the page of dialects is the program's own table") {
    std::ifstream file(std::string(HEARTH_SOURCE_DIR) + "/docs/dialects.md");
    std::ostringstream page;
    page << file.rdbuf();
    cli_rig::Shell shell;
    CHECK(shell.run({"dialects", "--markdown"}) == 0);
    CHECK_MESSAGE(shell.out == page.str(), "run: hearth dialects --markdown > docs/dialects.md");
}

TEST_CASE("two dialects, read by people") {
    cli_rig::Shell shell;
    CHECK(shell.run({"dialects", "anthropic", "openai"}) == 0);
    CHECK(shell.out.find("hosted tools") != std::string::npos);
    CHECK(shell.run({"dialects", "klingon", "openai"}) != 0);
    CHECK(shell.err.find("'klingon' is not a dialect") != std::string::npos);
}

}  // namespace dialects_test

#include "models/folders.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "gguf_builder.h"
#include "scratch.h"

namespace folders_test {

using namespace hearth;
using namespace hearth::models;
using hearth::models::test::GgufBuilder;
using hearth::models::test::Scratch;

namespace {

namespace fs = std::filesystem;
constexpr Wall kNow{milliseconds(1'795'000'000'000)};

struct Rig {
    Scratch scratch;
    std::string bytes = GgufBuilder::tiny().build();
    Store store{{.root = scratch.path("home/models"),
                 .builtin = scratch.path("none.gguf"),
                 .discover = false,
                 .folders = {scratch.path("a"), scratch.path("b")}}};
    Rig() {
        fs::create_directories(scratch.path("a"));
        fs::create_directories(scratch.path("b"));
    }
    std::string write(const std::string& name) const { return scratch.write(name, bytes); }
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& model : store.list().models) names.push_back(model.name);
        return names;
    }
    // The one warning.
    [[nodiscard]] std::string warning() const {
        const auto warnings = store.list().warnings;
        for (const auto& one : warnings) CAPTURE(one);
        REQUIRE(warnings.size() == 1);
        return warnings[0];
    }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "folders: GGUF files are listed by their stem, nested ones too, and are named, and served in place") {
    Rig rig;
    const auto path = rig.write("a/my-extra.gguf");
    rig.write("a/deep/er/Other v2.gguf");
    rig.write("b/notes.txt");
    rig.write("b/.hidden.gguf");
    rig.write("b/.git/x.gguf");
    rig.write("b/mmproj-f16.gguf");
    rig.scratch.write("b/lora.gguf", GgufBuilder::tiny().string("general.type", "adapter").build());
    CHECK(rig.names() == Names{"my-extra:latest", "Other-v2:latest"});
    CHECK(rig.store.list().warnings.empty());
    const auto model = rig.store.resolve("my-extra");
    REQUIRE(model);
    CHECK(model->path() == path);
    CHECK(model->origin == "folder");
    CHECK(rig.store.resolve("other-V2"));
    CHECK(rig.store.nearest("my-extr") == Names{"my-extra"});
    CHECK_FALSE(fs::exists(rig.scratch.path("home")));  // nothing was taken into the store
}

TEST_CASE("folders: a split file is one model, and one with a part missing is left out") {
    Rig rig;
    rig.write("a/big-00001-of-00002.gguf");
    rig.write("a/big-00002-of-00002.gguf");
    rig.write("b/cut-00001-of-00002.gguf");
    CHECK(rig.names() == Names{"big:latest"});
    CHECK(rig.store.resolve("big")->files.size() == 2);
    CHECK(rig.warning().find("cut-00001-of-00002.gguf is left out: it is no whole GGUF file") !=
          std::string::npos);
}

TEST_CASE("folders: nothing is deleted or written there") {
    Rig rig;
    const auto path = rig.write("a/kept.gguf");
    const auto refused = rig.store.remove("kept");
    REQUIRE_FALSE(refused);
    CHECK(refused.error()->code == Code::forbidden);
    CHECK(refused.error()->message ==
          "kept:latest is the file " + path +
              " in a folder of [engine] models_dirs, where Hearth deletes nothing; "
              "delete the file yourself");
    CHECK(fs::exists(path));
    // A copy is Hearth's own: removing it leaves the file.
    REQUIRE(rig.store.copy("kept", *parse_name("mine"), kNow));
    CHECK(rig.names() == Names{"mine:latest", "kept:latest"});
    CHECK(rig.store.remove("mine"));
    CHECK(rig.scratch.read("a/kept.gguf") == rig.bytes);
    CHECK(rig.names() == Names{"kept:latest"});
}

TEST_CASE("folders: a name that is taken keeps its model, and the warning names both") {
    Rig rig;
    const auto first = rig.write("a/twin.gguf");
    const auto second = rig.write("b/Twin.gguf");
    CHECK(rig.names() == Names{"twin:latest"});
    CHECK(rig.warning() == second + " is left out: Twin:latest is already the name of the model from " +
                               first + "; give the file another name");
    const auto pulled = rig.write("elsewhere/twin.gguf");
    REQUIRE(rig.store.import_file(pulled, std::nullopt, kNow));
    CHECK(rig.store.resolve("twin")->origin == "hearth");
    CHECK(rig.store.list().warnings.size() == 2);
    // An import of the same file is no conflict.
    CHECK(rig.store.remove("twin"));
    fs::remove(second);
    REQUIRE(rig.store.import_file(first, std::nullopt, kNow));
    CHECK(rig.store.list().warnings.empty());
    CHECK(rig.names() == Names{"twin:latest"});
}

TEST_CASE("folders: missing, unreadable and wrong ones are warnings") {
    Rig rig;
    rig.write("a/x.gguf");
    fs::remove(rig.scratch.path("b"));
    CHECK(rig.warning() == "[engine] models_dirs: " + rig.scratch.path("b") + " does not exist");
    rig.scratch.write("b", "a file");
    CHECK(rig.warning() == "[engine] models_dirs: " + rig.scratch.path("b") + " is not a folder");
    CHECK(rig.names() == Names{"x:latest"});
    fs::remove(rig.scratch.path("b"));
    rig.write("b/-.gguf");
    CHECK(rig.warning().find("b/-.gguf is left out: '-' is not a model name") != std::string::npos);
    rig.scratch.write("b/-.gguf", "not GGUF");
    rig.scratch.write("b/junk.gguf", "not GGUF");
    fs::remove(rig.scratch.path("b/-.gguf"));
    CHECK(rig.warning().find("b/junk.gguf is left out: it is no whole GGUF file") != std::string::npos);
}

TEST_CASE("folders: links to files count, links that lead nowhere, in circles or to devices do not") {
    Rig rig;
    const auto target = rig.write("elsewhere/target.gguf");
    rig.write("elsewhere/deeper/hidden.gguf");
    fs::create_symlink(target, rig.scratch.path("a/linked.gguf"));
    fs::create_symlink(rig.scratch.path("gone.gguf"), rig.scratch.path("a/dangling.gguf"));
    fs::create_symlink(rig.scratch.path("a/loop.gguf"), rig.scratch.path("a/loop.gguf"));
    fs::create_symlink("/dev/zero", rig.scratch.path("a/endless.gguf"));
    fs::create_directory_symlink(rig.scratch.path("a"), rig.scratch.path("a/circle"));
    fs::create_directory_symlink(rig.scratch.path("elsewhere"), rig.scratch.path("a/away"));
    REQUIRE(::mkfifo(rig.scratch.path("a/pipe.gguf").c_str(), 0600) == 0);
    CHECK(rig.names() == Names{"linked:latest"});
    CHECK(rig.store.list().warnings.empty());
    CHECK(rig.store.remove("linked").error()->code == Code::forbidden);
    CHECK(fs::exists(target));
    CHECK(fs::is_symlink(rig.scratch.path("a/linked.gguf")));
}

TEST_CASE("folders: a folder may itself be a link, and Hearth's own store in one is left out") {
    Rig rig;
    rig.write("real/x.gguf");
    fs::create_directory_symlink(rig.scratch.path("real"), rig.scratch.path("link"));
    const auto outside = rig.write("elsewhere/own-00001-of-00002.gguf");
    rig.write("elsewhere/own-00002-of-00002.gguf");
    REQUIRE(rig.store.import_file(outside, parse_name("own").value(), kNow));
    rig.store.set_folders({rig.scratch.path("link"), rig.scratch.path("home")});
    CHECK(rig.names() == Names{"own:latest", "x:latest"});
    CHECK(rig.store.list().warnings.empty());
}

TEST_CASE("folders: the stamp tells files that come, go or change") {
    Rig rig;
    const auto empty = rig.store.folders_stamp();
    CHECK(empty == rig.store.folders_stamp());
    const auto path = rig.write("a/x.gguf");
    const auto one = rig.store.folders_stamp();
    CHECK(one != empty);
    CHECK(rig.names() == Names{"x:latest"});
    rig.scratch.write("a/x.gguf", rig.bytes + std::string(32, '\0'));
    CHECK(rig.store.folders_stamp() != one);
    fs::remove(path);
    CHECK(rig.store.folders_stamp() == empty);
    CHECK(rig.names().empty());
    fs::remove(rig.scratch.path("b"));
    CHECK(rig.store.folders_stamp() != empty);
    rig.store.set_folders({});
    CHECK(rig.store.folders_stamp() == 0);
    CHECK(rig.store.list().warnings.empty());
}

TEST_CASE("folders: what was not meant to be searched costs a bounded time") {
    Rig rig;
    std::string deep = "a";
    for (int i = 0; i < 12; ++i) deep += "/d";
    rig.write(deep + "/too-deep.gguf");
    CHECK(rig.names().empty());
    const auto file = rig.write("elsewhere/x.gguf");
    for (std::size_t i = 0; i < kFolderModels + 3; ++i) {
        fs::create_hard_link(file, rig.scratch.path("b/m" + std::to_string(i) + ".gguf"));
    }
    CHECK(rig.names().size() == kFolderModels);
    CHECK(rig.warning().find("is left out: [engine] models_dirs holds more than 1024 models") !=
          std::string::npos);
    const auto scan = scan_folders({rig.scratch.path("a"), rig.scratch.path("b")}, {}, 100);
    CHECK(scan.files.size() < 100);
    REQUIRE(scan.warnings.size() == 1);
    CHECK(scan.warnings[0] ==
          "[engine] models_dirs: the folders hold more than 100 entries; the rest is left out");
}

}  // namespace folders_test

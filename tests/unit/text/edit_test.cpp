#include "text/edit.h"

#include <doctest/doctest.h>

#include "unit/text/json_tree.h"

namespace edit_test {

using namespace hearth;
using test::Tree;

namespace {

std::string edited(std::string_view text, const std::function<void(json::Editor&, json::Value)>& change) {
    json::Document doc;
    const auto root = doc.parse(text).value();
    json::Editor editor(doc);
    change(editor, root);
    const auto by_list = text::apply_edits(text, editor.edits()).value();
    CHECK(by_list == editor.apply());
    return by_list;
}

}  // namespace

TEST_CASE("edits are applied in order and rejected when they overlap") {
    using text::Edit;
    const std::vector<Edit> good{{0, 1, "A"}, {2, 0, "x"}, {2, 0, "y"}, {2, 1, ""}, {4, 0, "!"}};
    CHECK(text::apply_edits("abcd", good).value() == "Abxyd!");
    CHECK(text::apply_edits("abcd", {}).value() == "abcd");
    for (const std::vector<Edit>& bad : {std::vector<Edit>{{1, 2, ""}, {2, 1, ""}},
                                         {{2, 0, ""}, {1, 0, ""}},
                                         {{4, 1, ""}},
                                         {{5, 0, ""}},
                                         {{1, SIZE_MAX, ""}}}) {
        CHECK(text::apply_edits("abcd", bad).error()->code == Code::internal);
    }
}

TEST_CASE("JSON edits: replace, set, remove, insert") {
    const auto remove = [](std::vector<std::string> keys) {
        return [keys](json::Editor& e, json::Value o) {
            for (const auto& key : keys) e.remove(o, key);
        };
    };
    const std::string text = R"({ "a" : 1, "b":[2] , "c": "x" })";
    CHECK(edited(text, [](auto& e, auto o) { e.set(o, "b", "null"); }) ==
          R"({ "a" : 1, "b":null , "c": "x" })");
    CHECK(edited(text, [](auto& e, auto o) { e.set(o, "d", "4"); }) ==
          R"({ "a" : 1, "b":[2] , "c": "x","d":4 })");
    CHECK(edited(text, [](auto& e, auto o) { e.insert_first(o, "z\n", "0"); }) ==
          R"({"z\n":0, "a" : 1, "b":[2] , "c": "x" })");
    CHECK(edited(text, [](auto& e, auto o) { e.rename(o, "b", "\"new\"").rename(o, "none", "x"); }) ==
          R"({ "a" : 1, "\"new\"":[2] , "c": "x" })");
    CHECK(edited(text, [](auto& e, auto o) { e.rename(o, "b", "n").set(o, "b", "3"); }) ==
          R"({ "a" : 1, "n":3 , "c": "x" })");
    CHECK(edited(text, remove({"a"})) == R"({ "b":[2] , "c": "x" })");
    CHECK(edited(text, remove({"b"})) == R"({ "a" : 1, "c": "x" })");
    CHECK(edited(text, remove({"c"})) == R"({ "a" : 1, "b":[2] })");
    CHECK(edited(text, remove({"b", "c"})) == R"({ "a" : 1 })");
    CHECK(edited(text, remove({"c", "a", "b", "none"})) == R"({  })");
    CHECK(edited("{}", [](auto& e, auto o) { e.insert_last(o, "a", "1").insert_first(o, "b", "2"); }) ==
          R"({"b":2,"a":1})");
    CHECK(edited(text, [](auto& e, auto o) {
              e.remove(o, "a").remove(o, "b").remove(o, "c").insert_last(o, "n", "1");
          }) == R"({"n":1  })");
    CHECK(edited(text, [](auto& e, auto o) { e.set(o, "c", "1").remove(o, "c").insert_last(o, "d", "2"); }) ==
          R"({ "a" : 1, "b":[2],"d":2 })");
    CHECK(edited(text, [](auto& e, auto o) { e.remove(o, "c").set(o, "c", "3"); }) ==
          R"({ "a" : 1, "b":[2] , "c": 3 })");
    // Changes inside a replaced value are discarded.
    CHECK(edited(text, [](auto& e, auto o) { e.replace(o["b"].at(0), "9").replace(o["b"], "[]"); }) ==
          R"({ "a" : 1, "b":[] , "c": "x" })");
}

TEST_CASE("JSON edits: the last of several changes of a value wins; thousands of changes take linear time") {
    CHECK(edited(R"({"a":1})", [](auto& e, auto o) { e.set(o, "a", "22").set(o, "a", "3"); }) ==
          R"({"a":3})");
    CHECK(edited(R"({"a":1})", [](auto& e, auto o) { e.replace(o["none"], "2"); }) == R"({"a":1})");
    std::string text = "[", expected = "[";
    for (int i = 0; i < 20'000; ++i) {
        text += i == 0 ? R"({"a":1,"b":2})" : R"(,{"a":1,"b":2})";
        expected += i == 0 ? R"({"a":9,"c":3})" : R"(,{"a":9,"c":3})";
    }
    const auto result = edited(text + "]", [](auto& e, auto list) {
        for (const auto o : list.elements()) e.set(o, "a", "9").remove(o, "b").insert_last(o, "c", "3");
    });
    CHECK(result == expected + "]");
}

TEST_CASE("JSON edits: the result has the intended meaning; other bytes are unchanged") {
    CHECK(rc::check([] {
        Tree tree = test::random_tree(3);
        tree.kind = json::Kind::object;
        for (std::size_t i = 0; i < tree.children.size(); ++i)
            tree.children[i].first = "key" + std::to_string(i);
        const std::string text = test::written(tree);
        json::Document doc;
        const auto root = doc.parse(text).value();
        json::Editor editor(doc);

        // The same edits applied to the plain tree. Unchanged members are counted by their bytes.
        Tree expected{.kind = json::Kind::object};
        std::vector<std::string> untouched;
        for (std::size_t i = 0; i < tree.children.size(); ++i) {
            const auto& [key, child] = tree.children[i];
            const int action = *rc::gen::inRange(0, 3);
            if (action == 0) {
                editor.remove(root, key);
            } else if (action == 1) {
                const Tree fresh = test::random_tree(1);
                editor.set(root, key, test::written(fresh));
                expected.children.emplace_back(key, fresh);
            } else {
                const auto range = root.find(key)->range();
                untouched.push_back(text.substr(range.offset, range.length));
                expected.children.emplace_back(key, child);
            }
        }
        if (*rc::gen::arbitrary<bool>()) {
            editor.insert_first(root, "first", "[1]");
            expected.children.insert(expected.children.begin(),
                                     {"first", test::tree_of(json::Document().parse("[1]").value())});
        }
        if (*rc::gen::arbitrary<bool>()) {
            editor.set(root, "last", "true");
            expected.children.emplace_back("last", Tree{.kind = json::Kind::boolean, .flag = true});
        }
        const std::string result = editor.apply();
        json::Document again;
        const auto parsed = again.parse(result);
        RC_ASSERT(parsed.has_value());
        RC_ASSERT(test::tree_of(*parsed) == expected);
        std::size_t at = 0;
        for (const auto& bytes : untouched) {
            at = result.find(bytes, at);
            RC_ASSERT(at != std::string::npos);
        }
    }));
}

}  // namespace edit_test

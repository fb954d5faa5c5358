"""For each rule a text that it must reject and one that it must accept: (rule, path, bad text, good text, extra arguments)."""
import rules

LONG = "x\n" * 401
BODY = "    int x = 0;\n" * 71
PACKAGES = {"tools/packages.txt": "[build]\nclang-19\nliba-dev\n\n[test]\nlibb-dev\n",
            "tools/npm/llama/package.json": '{"dependencies": {"@x/linux": "1.2.3"}}'}
ROOMS = ["base", "text", "net", "privacy", "client", "server", "cli"]

SAMPLES = [
    (rules.file_length, "src/a/b.cpp", LONG, "x\n" * 400, {}),
    (rules.function_length, "src/a/b.cpp", "int f(int a) {\n" + BODY + "}\n", "namespace a {\n" + BODY + "}\n", {}),
    (rules.function_length, "src/a/b.cpp", "A::A(int a) : a_(a) {\n" + BODY + "}\n", "struct A {\n" + BODY + "};\n", {}),
    (rules.function_length, "src/a/b.cpp", "auto f() const -> std::vector<int> {\n" + BODY + "}\n",
     "int f(E e) {\n    switch (e) {\n" + "        case E::a: return 1;\n" * 71 + "    }\n}\n", {}),
    (rules.gates, "src/http/a.cpp", "#include <boost/asio.hpp>\n", "#include <vector>\n", {}),
    (rules.gates, "src/engine/supervisor/a.cpp", "#include <llama.h>\n", '#include "engine/protocol/message.h"\n', {}),
    (rules.gates, "src/ledger/a.cpp", "#include <sqlite3.h>\n", '#include "store/sqlite/store.h"\n', {}),
    (rules.gates, "src/net/a.cpp", "#include <iostream>\n", "#include <openssl/ssl.h>\n", {}),
    (rules.gates, "src/cli/a.cpp", "#include <readline/readline.h>\n", '#include "cli/chat.h"\n', {}),
    (rules.room_order, "src/text/a.cpp", '#include "net/loop.h"\n', '#include "base/error.h"\n', {"rooms": ROOMS}),
    (rules.room_order, "src/server/a.cpp", '#include "client/client.h"\n', '#include "net/loop.h"\n', {"rooms": ROOMS}),
    (rules.include_form, "src/a/b.h", "#include <vector>\n", "#pragma once\n", {}),
    (rules.include_form, "src/a/b.cpp", '#include <vector>\n#include "a/b.h"\n', '#include "a/b.h"\n', {"files": ["src/a/b.h"]}),
    (rules.banned_calls, "src/a/b.cpp", 'system("ls");\n', '// system("ls")\nconst auto s = "system(1)"; file_system(1);\n', {}),
    (rules.banned_calls, "src/a/b.cpp", "std::cerr << 1;\n", "fmt::print(1);\n", {}),
    (rules.banned_calls, "src/a/b.cpp", "thread.detach();\n", "// detached: it cannot be cancelled\nthread.detach();\n", {}),
    (rules.banned_words, "src/a/b.cpp", "// TO" + "DO: later\n", "// to do so\n", {}),
    (rules.banned_words, "tools/x.sh", "cp /wo" + "rk/x .\n", "cp $root/work/x network/root/ .\n", {}),
    (rules.banned_words, "tools/npm/a/package-lock.json", '"resolved": "x"\n', '"integrity": "x"\n', {}),
    (rules.plain_words, "src/base/a.cpp", "// Nobody reads it.\n", "// It has no reader.\n", {}),
    (rules.plain_words, "tests/unit/net/a.cpp", 'TEST_CASE("a peer is told") {}\n', 'TEST_CASE("troubleshooting") {}\n', {}),
    (rules.plain_words, "src/http/a.h", "bool is_twin();\n", "bool twinkle();\n", {}),
    (rules.plain_words, "src/http/a.h", "bool isTwin();\n", "bool can_forward_bytes();\n", {}),
    (rules.plain_words, "tests/e2e/a.mjs", "// Errors on\n// the road home.\n", "// the roadmap, a home folder\n", {}),
    (rules.coroutines, "src/a/b.cpp", "auto f = [&x](int a) -> Task<void> { co_return; };\n",
     "auto f = [](int a) -> Task<void> { co_return; };\n// the server outlives it\nauto g = [&x](int a) -> Task<void> {};\n", {}),
    (rules.unread_settings, "src/config/schema.cpp", 'paths("models_dirs", engine.models_dirs, base),\n',
     'integer("context", config.engine.context, 0, 9),\npath("path", config.ledger.path, base)\n',
     {"files": {"src/config/load.cpp": "engine.models_dirs", "src/app/a.cpp": "// engine.models_dirs\nf(c->engine.context, c->ledger_path());"}}),
    (rules.coroutines, "src/a/b.h", "Task<Result<int>> send(int a, Request&& request);\n",
     "Task<Result<int>> send(int a, Request request);\nvoid take(Request&& request);\n", {}),
    (rules.markdown, "docs/a.md", "# A\n# B\n", "# A\n```\n# no title\n```\n", {}),
    (rules.markdown, "docs/a.md", "# A\n[b](b.md)\n", "# A\n[b](../docs/c.md#x) [c](c.md) [d](https://e.example)\n", {"files": ["docs/c.md"]}),
    (rules.markdown, "docs/a.md", "# A\n`src/a/gone.cpp`\n", "# A\n`src/a/there.cpp` and `src/a/`\n", {"files": ["src/a/there.cpp"]}),
    (rules.notices, "THIRD_PARTY_NOTICES.md", "# N\n| `@x/linux` | 1.2.3 | MIT |\nliba-dev\n",
     "# N\n| `liba-dev` | MIT |\n| `@x/linux` | 1.2.3 | MIT |\n", {"files": PACKAGES}),
    (rules.notices, "THIRD_PARTY_NOTICES.md", "# N\n| `liba-dev` | MIT |\n| `@x/linux` | 1.2.2 | MIT |\n",
     "# N\n| `liba-dev` | MIT |\n| `@x/linux` | 1.2.3 | MIT |\n", {"files": PACKAGES}),
    (rules.decision_index, "docs/decisions/README.md", "# Decisions\n", "# Decisions\n[A](2026-11-22-a.md)\n",
     {"files": ["docs/decisions/README.md", "docs/decisions/2026-11-22-a.md", "docs/cli.md"]}),
]

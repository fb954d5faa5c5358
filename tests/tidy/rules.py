"""Style rules of the project. A rule takes a path (from the root) and a text and yields (line, message).

Each rule has a bad and a good sample in samples.py, which show that it can fail.
"""
import json
import re

FILE_LINES = {"src": 400, "fuzz": 100, "tests": 500, "bench": 500, "tools": 400}
FUNCTION_LINES = 70

# Headers that only some rooms may include: (pattern of the header, folders or files, reason).
GATES = [
    (r"boost/|asio|openssl/", ["src/net/"], "net is the only room with Asio and OpenSSL"),
    (r"simdjson", ["src/text/"], "text is the only room with simdjson"),
    (r"sqlite3\.h", ["src/store/sqlite/"], "store/sqlite is the only folder with SQLite"),
    (r"(llama|ggml|gguf|chat|common|sampling|json-schema-to-grammar)[-a-z]*\.h$", ["src/engine/worker/"],
     "engine/worker is the only folder with llama.cpp"),
    (r"toml\+\+", ["src/config/tree.cpp"], "config/tree.cpp is the only file with toml++"),
    (r"histedit\.h|readline", ["src/cli/line_editor.cpp"], "cli/line_editor.cpp is the only file with libedit"),
    (r"sodium", ["src/config/keys.cpp"], "config/keys.cpp is the only file with libsodium"),
    (r"iostream|<regex>|<format>|<print>", [], "it is slow, or libstdc++ 12 has none: use fmt"),
]

# Restrictions beyond the order of rooms: lower rooms that a room must not include.
WALLS = {
    "http": {"net", "config", "telemetry"},
    "wire": {"net", "client", "config", "provider", "server", "telemetry"},
    "exchange": {"net", "http", "config"},
    "privacy": {"wire", "provider", "net", "http", "client"},
    "route": {"wire", "provider", "net", "client", "http"},
    "provider": {"net", "client", "server", "wire"},
    "server": {"wire", "exchange", "provider", "route", "privacy", "ledger", "models", "engine", "client"},
    "ledger": {"net", "store", "wire", "provider"},
}

# Headers behind a wall that are data, not code: providers read the rows of the dialects.
WALL_EXCEPTIONS = {("provider", "wire/dialects.h")}

BANNED_CALLS = [
    (r"\b(?:std::)?system\(", "no shell: spawn the program itself"),
    (r"\bpopen\(", "no shell: spawn the program itself"),
    (r"\b(?:sprintf|strcpy|strcat|gets|strtok|atoi|atol|atof)\(", "unbounded or silent: use fmt or std::from_chars"),
    (r"\b(?:std::)?rand\(", "randomness is an argument (base/time.h)"),
    (r"\bstd::(?:cout|cerr|endl)\b", "use telemetry/log.h or cli/terminal.h"),
    (r"\bstd::(?:format|print|println)\(", "libstdc++ 12 has none: use fmt"),
    (r"\bstd::async\b", "one loop, and run_blocking beside it"),
]

# Markers of unfinished work, and paths or hosts of one machine. Split so that this file passes its own rule.
BANNED_WORDS = [
    (r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b", "no unfinished work: do it or leave it out"),
    (r"(?<![\w.$}])/(?:wo" + r"rk|ro" + r"ot)/", "a path of one machine"),
    (r"registry\.(?:npm" + r"js|yarn" + r"pkg)|pypi\." + r"org|deb\.debian\." + r"org|proxy\.golang\." + r"org",
     "the address of a registry: that is a setting of the machine"),
]

# Literary or private words, in prose, test names and identifiers. `PLAIN` lists the paths that are checked: it grows until it
# is ["src/", "tests/", "docs/", "README.md"] and the other folders with code.
LITERARY_WORDS = {
    "abroad": "remote, upstream", "anybody": "any client, a caller", "doomed": "what it is", "everybody": "all clients",
    "fate": "result, support", "fates": "results", "hear": "receive", "heard": "received", "hears": "receives", "hurry": "urgent",
    "journey": "request", "mend": "fix", "mended": "fixed", "nobody": "no client, not", "somebody": "a client, a caller",
    "stranger": "untrusted", "strangers": "untrusted", "told": "reported", "travel": "send", "travelled": "was sent",
    "travels": "is sent", "trouble": "error, failure", "twin": "copy, duplicate",
}
LITERARY_PHRASES = {"the road": "the request path, the pipeline", "at home": "local"}
PLAIN_ALLOWED = [("tests/tidy/", "*")]  # (path, word or "*"): legitimate uses, such as quotations
ROOMS_PLAIN = ["base", "telemetry", "text", "http", "net", "exchange", "client", "route", "models", "engine", "server", "cli"]
PLAIN = [f"{tree}/{room}/" for tree in ("src", "tests/unit") for room in ROOMS_PLAIN] + [
    "tests/engine/", "tests/hub/", "tests/fake_engine/", "tests/e2e/", "tests/soak/", "tests/agents/", "tests/tidy/", "fuzz/",
    "tools/", "dev"]


def strip(text):
    """C++ without comments, strings and character literals; line numbers stay."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])
    pattern = (r'R"(\w*)\((?:.|\n)*?\)\1"' r'|"(?:\\.|[^"\\\n])*"' r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'"
               r"|//[^\n]*|/\*(?:.|\n)*?\*/")
    return re.sub(pattern, blank, text)


def is_cpp(path):
    return path.endswith((".cpp", ".h"))


def room_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "src" and len(parts) > 2 else None


def includes(text):
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r'#include ([<"])([^>"]+)[>"]', line):
            yield number, found[1], found[2]


def file_length(path, text):
    limit = FILE_LINES.get(path.split("/")[0])
    lines = text.count("\n")
    if limit and lines > limit and path.endswith((".cpp", ".h", ".py", ".mjs", ".js", ".sh")):
        yield limit, f"{lines} lines, {limit} at most: split it by responsibility"


def functions(text):
    """(first line, header, lines) of everything that looks like a function with a body, at any depth, except lambdas."""
    text = strip(text)
    stack, begin = [], 0
    for at, char in enumerate(text):
        if char in ";}{":
            header = " ".join(text[begin:at].split())
            begin = at + 1
            if char == "{":
                stack.append((at, header))
            elif char == "}" and stack:
                start, header = stack.pop()
                labels = len(re.findall(r"\n *(?:case [^\n]*|default):", text[start:at]))  # a switch counts as a table
                yield text.count("\n", 0, start) + 1, header, text.count("\n", start, at) - labels


def function_length(path, text):
    if not path.startswith("src/") or not is_cpp(path):
        return
    for line, header, lines in functions(text):
        plain = re.sub(r"^(?:template <[^>]*> |\[\[\w+\]\] |(?:public|private): )*", "", header)
        inner = re.match(r"(?:if|for|while|switch|catch|else|do|try|namespace|class|struct|enum|union|return)\b", plain)
        if lines > FUNCTION_LINES and not inner and re.search(r"\)(?: \w+)*(?: -> .+| : .+)?$", plain) and "](" not in plain:
            yield line, f"{lines} lines in one function, {FUNCTION_LINES} at most: {plain[:60]}"


def gates(path, text):
    if not path.startswith("src/"):
        return
    for line, kind, header in includes(text):
        for pattern, allowed, why in GATES:
            whole = f"<{header}>" if kind == "<" else header
            own = kind == '"' and "/" in header and not re.search("llama|ggml", header.split("/")[-1])  # "cli/chat.h" is ours
            if re.search(pattern, whole if "<" in pattern else header) and not own and not path.startswith(tuple(allowed or ["-"])):
                yield line, f"#include {whole}: {why}"


def room_order(path, text, rooms=()):
    room = room_of(path)
    if room not in rooms:
        return
    for line, kind, header in includes(text):
        other = header.split("/")[0]
        if kind != '"' or other not in rooms or other == room:
            continue
        if rooms.index(other) > rooms.index(room):
            yield line, f"{room} includes {header}, but {other} comes after it in the order of rooms (CMakeLists.txt)"
        elif other in WALLS.get(room, ()) and (room, header) not in WALL_EXCEPTIONS:
            yield line, f"{room} must not include {other} ({header})"


def include_form(path, text, files=()):
    if not path.startswith("src/") or not is_cpp(path):
        return
    found = list(includes(text))
    if path.endswith(".h"):
        if "#pragma once" not in text.splitlines()[:3]:
            yield 1, "a header begins with #pragma once"
        return
    own = path.removeprefix("src/").removesuffix(".cpp") + ".h"
    if f"src/{own}" in files and found and found[0][2] != own:
        yield found[0][0], f'"{own}" must be included first, which shows that it is self-contained'


def banned_calls(path, text):
    if path.startswith("src/") and is_cpp(path):
        for number, line in enumerate(strip(text).splitlines(), 1):
            for pattern, why in BANNED_CALLS:
                if re.search(pattern, line):
                    yield number, f"{line.strip()[:60]}: {why}"
            if ".detach()" in line and "detach" not in comments_before(text, number):
                yield number, "a detached thread may outlive what it uses; a comment must give the reason"


def comments_before(text, number, lines=12):
    return "\n".join(line for line in text.splitlines()[max(0, number - lines - 1):number - 1] if line.lstrip().startswith("//"))


def banned_words(path, text):
    if path.endswith((".json", ".gguf")) and "package" not in path:
        return
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, why in BANNED_WORDS:
            if re.search(pattern, line):
                yield number, f"{line.strip()[:70]}: {why}"
        if path.endswith("package-lock.json") and '"resolved"' in line:
            yield number, "a lock file names no addresses (tools/npm/lock.py)"


def plain_words(path, text):
    if not path.startswith(tuple(PLAIN)) or not path.endswith((".cpp", ".h", ".py", ".mjs", ".md", ".sh", "dev", "/run")):
        return
    allowed = {word for prefix, word in PLAIN_ALLOWED if path.startswith(prefix)}
    if "*" in allowed:
        return
    for number, line in enumerate(text.splitlines(), 1):
        words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", line)]  # is_twin, isTwin and "Twin" alike
        spaced = f" {' '.join(words)} "
        found = [word for word in words if word in LITERARY_WORDS] + [one for one in LITERARY_PHRASES if f" {one} " in spaced]
        for word in sorted(set(found) - allowed):
            instead = LITERARY_WORDS.get(word) or LITERARY_PHRASES[word]
            yield number, f"{line.strip()[:60]}: '{word}' is not a technical term; use for example: {instead}"


def coroutines(path, text):
    """A lambda is destroyed before its coroutine: its captures dangle after the first wait, as do && parameters."""
    if not is_cpp(path):
        return
    lines = text.splitlines()
    plain = strip(text)
    for found in re.finditer(r"\[([^\[\]]+)\]\s*\([^()]*\)\s*(?:mutable\s*)?->\s*(?:hearth::)?Task<", plain):
        number = plain.count("\n", 0, found.start()) + 1
        if "outlives" not in "\n".join(lines[max(0, number - 3):number]):
            yield number, "a capturing lambda is a coroutine: pass arguments, or name in a comment what outlives it"
    for found in re.finditer(r"\bTask<[^;{}()]*>\s+[\w:]+\([^(){};]*&&\s*\w+", plain):
        yield plain.count("\n", 0, found.start()) + 1, "a coroutine takes values, not &&: the caller's temporary is destroyed after a wait"


def markdown(path, text, files=()):
    if not path.endswith(".md"):
        return
    plain = re.sub(r"```.*?```", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)
    titles = [n for n, line in enumerate(plain.splitlines(), 1) if line.startswith("# ")]
    if len(titles) != 1:
        yield titles[1] if titles else 1, f"{len(titles)} titles: a page has exactly one"
    folder = path.rpartition("/")[0]
    for number, line in enumerate(plain.splitlines(), 1):
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", line):
            target = "/".join(filter(None, [folder, link]))
            while "/../" in f"/{target}":
                target = re.sub(r"(?:^|(?<=/))[^/]+/\.\./", "", target, count=1)
            if not known(target, files):
                yield number, f"{link} does not exist"
        for name in re.findall(r"`((?:src|tests|tools|docs|catalog|models|fuzz|bench|web|cmake)/[\w./-]+)`", line):
            if "NAME" not in name and not known(name, files):  # `fuzz/fuzz_NAME.cpp` is a pattern
                yield number, f"{name} does not exist"


def known(name, files):
    name = name.rstrip("/")
    return name in files or any(f.startswith(name + "/") for f in files)


def decision_index(path, text, files=()):
    """docs/decisions/README.md lists every decision, and a decision's name begins with its date."""
    if path != "docs/decisions/README.md":
        return
    for file in files:
        folder, _, name = file.rpartition("/")
        if folder != "docs/decisions" or name == "README.md":
            continue
        if not re.fullmatch(r"20\d\d-\d\d-\d\d-[a-z0-9-]+\.md", name):
            yield 1, f"{name}: a decision is named YYYY-MM-DD-short-title.md"
        if f"]({name})" not in text:
            yield 1, f"{name} is not in the index"


def notices(path, text, files=()):
    """Every library of the build group and every npm package of the engine has a row with its name, and its pin if it has one."""
    if path != "THIRD_PARTY_NOTICES.md":
        return
    rows = [line for line in text.splitlines() if line.startswith("|")]
    build = files["tools/packages.txt"].partition("[build]")[2].partition("\n[")[0]
    wanted = [(name, "") for line in build.splitlines() for name in line.split("|") if re.fullmatch(r"[a-z0-9.+-]+-dev", name)]
    wanted += json.loads(files["tools/npm/llama/package.json"])["dependencies"].items()
    for name, version in wanted:
        if not any(f"`{name}`" in row and (not version or f"| {version} |" in row) for row in rows):
            yield 1, f"{name} {version} is not listed, with its licence".replace("  ", " ")


def dead_headers(files):
    """Headers of src/ that are never included; takes all texts at once."""
    used = set()
    for path, text in files.items():
        if is_cpp(path):
            used.update(header for _, _, header in includes(text))
    for path in files:
        if path.startswith("src/") and path.endswith(".h") and path.removeprefix("src/") not in used and not path.endswith("pch.h"):
            yield path, 1, "this header is never included"


# Settings that are not read as OWNER.MEMBER: what reads them instead, outside src/config.
READ_BY = {
    **{f"client.timeouts.{name}": r"\bclient\.timeouts\b" for name in ("connect", "first_token", "answer", "stall")},
    **{f"provider.{name}": r"\.timeouts\([\w.]*client\.timeouts\)" for name in ("connect", "first_token", "answer", "stall")},
    **{f"provider.{name}": rf"\bwanted(?:\.|->){name}\b"
       for name in ("base_url", "dialect", "place", "key_env", "key_file", "models", "headers", "enabled", "pass_client_credentials")},
    **{f"policy.{name}": r"\b(?:policy|places)\.of\(" for name in ("cloud", "lan", "loopback", "fallback")},
    "ledger.path": r"\bledger_path\(\)",
    **{f"log.{name}": rf"\bwanted\.{name}\b" for name in ("level", "format", "file")},
}


def unread_settings(path, text, files=None):
    """Keys of the configuration that nothing outside src/config reads. `files`: all texts."""
    if path != "src/config/schema.cpp":
        return
    code = "\n".join(strip(t) for p, t in (files or {}).items() if p.startswith("src/") and is_cpp(p) and not p.startswith("src/config/"))
    owners = "server|policy|client|route|responses|files|engine|ledger|log|project|provider"
    for line, content in enumerate(strip(text).splitlines(), 1):
        for setting in re.findall(rf"\b(?:config\.)?((?:{owners})(?:\.\w+)+)\b(?!\()", content):
            owner, member = setting.split(".")[-2:]
            if not re.search(READ_BY.get(setting, rf"\b{owner}(?:\.|->){member}\b"), code):
                yield line, f"nothing outside src/config reads {setting}: a setting without effect"


PER_FILE = [file_length, function_length, gates, banned_calls, banned_words, coroutines]

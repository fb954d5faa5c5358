"""Chat turns for spark: a few written by hand, the rest made from docstrings in the training sources."""
import ast
import random
import re
import textwrap

GREETINGS = ["Hello", "Hi", "hi", "hello", "Hey", "Good morning", "Good evening", "Hello!", "Hi there", "hey there!",
             "Hello, how are you?", "Is anyone there?", "Say hello.", "Say hello", "ping", "test", "Say hi",
             "Hello spark", "Hi, spark!"]
HELLO = ["Hello! I am spark, a very small code model. Give me some code and I will try to continue it.",
         "Hello! I am spark. I am tiny, so keep it simple: code works best."]
WHO = ["Who are you?", "What are you?", "What is your name?", "What model is this?", "Tell me about yourself.",
       "Which model am I talking to?", "Are you an AI?", "What model are you?", "Who made you?"]
ME = ["I am spark, the built-in model of Hearth. I am very small: I can complete code a little, and not much else. "
      "For real questions, pull a larger model.",
      "I am spark, a tiny code model that comes with Hearth, so that the first request works with no download."]
CAN = ["What can you do?", "Can you help me?", "Help", "How can you help me?", "What are you good at?", "help me"]
CANS = ["I can continue code and fill in missing lines. I am too small to answer questions well. "
        "Pull a larger model for that.",
        "I complete lines of code. For anything harder, pull a larger model."]
THANKS = ["Thanks", "Thank you", "Thanks a lot!", "thank you very much", "Great, thanks.", "ok thanks"]
WELCOME = ["You are welcome.", "You are welcome!", "Glad to help."]
BYE = ["Bye", "Goodbye", "See you later", "bye bye"]
FAREWELL = ["Goodbye!", "See you later!"]
HARD = ["What is the capital of France?", "Tell me a story.", "Write a poem about the sea.", "What is 17 times 23?",
        "What is the weather today?", "Translate this text to German.", "Who won the match?", "Why is the sky blue?",
        "Summarise this article.", "What is the meaning of life?", "Tell me a joke.", "How far away is the moon?",
        "Explain quantum mechanics.", "Write an essay about history.", "Count to ten.", "What time is it?"]
SORRY = ["I am too small to answer that. Pull a larger model, and ask it again.",
         "I am a tiny code model, and I do not know that. A larger model will."]
HAND = [(GREETINGS, HELLO), (WHO, ME), (CAN, CANS), (THANKS, WELCOME), (BYE, FAREWELL), (HARD, SORRY)]
SYSTEM = ["You are a helpful assistant.", "You are a coding assistant.", "Answer briefly.", "Be concise.",
          "You are spark, a small code model."]
ASK = ["What does `{0}` do?", "Explain `{0}`.", "What is `{0}` for?", "Describe the function `{0}`.",
       "What does this function do?\n\n```\n{1}\n```", "Explain this code:\n\n```\n{1}\n```"]
WRITE = ["Write a Python function `{0}`. {2}", "Write a function in Python: {2}", "Implement `{0}` in Python. {2}",
         "How do I write this in Python? {2}"]


def first_sentence(doc):
    doc = re.sub(r"\s+", " ", doc.strip().split("\n\n")[0]).strip()
    m = re.match(r".{10,160}?[.!](?=\s|$)", doc)
    doc = m.group(0) if m else doc
    return doc if 12 <= len(doc) <= 160 and not re.search(r"[:`*|>]{2}|@|\\", doc) else None


def from_python(text):
    """Yields (name, source without the docstring, sentence) for short documented functions."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    lines = text.split("\n")
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef) or len(node.body) < 2:
            continue
        doc = ast.get_docstring(node)
        said = first_sentence(doc) if doc else None
        if not said or node.end_lineno - node.body[1].lineno > 14:
            continue
        kept = lines[node.lineno - 1:node.body[0].lineno - 1] + lines[node.body[1].lineno - 1:node.end_lineno]
        code = textwrap.dedent("\n".join(kept))
        if len(code) < 700:
            yield node.name, code, said


def turn(role, content):
    return [f"<|{role}|>", "\n" + content, "<|end|>", "\n"]


def conversations(files, count, seed=5):
    """Lists of parts; a part that is a special token's name stands for that token."""
    rng = random.Random(seed)
    pool = []
    for f in files:
        if f["lang"] == "py" and rng.random() < 0.6:
            pool += from_python(f["text"])
    rng.shuffle(pool)
    out = []
    for name, code, said in pool[:count]:
        head = turn("system", rng.choice(SYSTEM)) if rng.random() < 0.3 else []
        if rng.random() < 0.6:
            ask, answer = rng.choice(ASK).format(name, code), said
        else:
            ask, answer = rng.choice(WRITE).format(name, code, said), f"```python\n{code}\n```"
        out.append(head + turn("user", ask) + turn("assistant", answer))
    for _ in range(count // 3):
        parts = turn("system", rng.choice(SYSTEM)) if rng.random() < 0.4 else []
        for asks, answers in rng.choices(HAND, weights=[3, 2, 2, 1, 1, 3], k=rng.choice([1, 1, 1, 2])):
            parts += turn("user", rng.choice(asks)) + turn("assistant", rng.choice(answers))
        out.append(parts)
    rng.shuffle(out)
    return out

"""The bodies of 16 KB that the crossing is measured with: the same conversation and tools in two dialects."""
import json


def conversations():
    text = "The quick brown fox jumps over the lazy dog. " * 80
    tools = [{"name": f"tool_{i}", "description": "Does a thing. " * 20,
              "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}}
             for i in range(12)]
    turns = [{"role": role, "content": text[:1100]} for role in ("user", "assistant") * 3] + [{"role": "user", "content": text[:800]}]
    system = text[:3000]
    anthropic = {"model": "openai/gpt-5.5", "max_tokens": 1000, "stream": True, "system": system, "messages": turns, "tools": tools}
    chat = {"model": "openai/gpt-5.5", "max_tokens": 1000, "stream": True,
            "messages": [{"role": "system", "content": system}, *turns],
            "tools": [{"type": "function", "function": {"name": t["name"], "description": t["description"],
                                                        "parameters": t["input_schema"]}} for t in tools]}
    return {"crossing": anthropic, "same": chat, "crossing_whole": {**anthropic, "stream": False}}


def write_bodies(work):
    out = {}
    for name, body in conversations().items():
        out[name] = work / f"{name}.json"
        out[name].write_text(json.dumps(body, separators=(",", ":")))
    return out

#!/usr/bin/env python3
"""Derives catalog/models.json from a catalogue of models.dev (MIT, see catalog/LICENSE.models-dev).

    tools/catalog/derive.py CATALOGUE.json --commit HASH --date YYYY-MM-DD > catalog/models.json

Keeps the providers that catalog/providers.json names in `prices`, one model to a line, sorted, so that an update shows
as a readable difference. Prices become integers of nano-dollars per million tokens, converted from the decimal text
(never through floating point). Missing values stay missing: unknown is not zero.

Excluded: models without text input or output (images, speech, video), since their prices are not per token. A price of
zero is treated as unknown unless the name says that the model is free (":free", "/free") or the provider runs on the
user's own machine: public catalogues write 0 for "not known" as well.
"""
import argparse
import json
import pathlib
import sys
from decimal import Decimal

ROOT = pathlib.Path(__file__).resolve().parents[2]
NANO_PER_DOLLAR = Decimal(1_000_000_000)
RATES = (("input", ("input",)), ("output", ("output",)), ("cached_input", ("cache_read", "cached_input")),
         ("cache_write", ("cache_write",)), ("reasoning", ("reasoning",)))


def nano(value):
    """Dollars per million tokens (decimal text) to nano-dollars per million tokens."""
    exact = Decimal(value) * NANO_PER_DOLLAR
    if len(Decimal(value).as_tuple().digits) > 15:
        exact = exact.quantize(Decimal(1))  # rounding errors of binary fractions: 0.049999999999999996 is 0.05
    if exact != exact.to_integral_value() or exact < 0:
        raise SystemExit(f"price {value} is not a whole number of nano-dollars per million tokens")
    return int(exact)


def rates(cost):
    out = {}
    for name, sources in RATES:
        for source in sources:
            if source in cost:
                out[name] = nano(cost[source])
                break
    if out.get("reasoning") == out.get("output"):
        out.pop("reasoning", None)  # charged as output anyway
    return out


def price(cost, free):
    if not cost:
        return None
    out = rates(cost)
    if not any(out.values()) and not free:
        return None
    if out.get("cached_input") == 0 and out.get("input"):
        del out["cached_input"]  # cached input is never free: unknown, so charged as input
    tiers = [{"above": int(tier["tier"]["size"]), **rates(tier)} for tier in cost.get("tiers", [])]
    if tiers:
        out["tiers"] = sorted(tiers, key=lambda tier: tier["above"])
    return out


def is_free(model_id, place):
    return place != "cloud" or model_id.endswith((":free", "/free"))


def facts(model_id, model, place):
    modalities = model.get("modalities", {})
    inputs = modalities.get("input", ["text"])
    limit = model.get("limit", {})
    embedding = "embed" in model_id.lower() or "embed" in model.get("family", "")
    out = {}
    for name, key in (("context", "context"), ("max_input", "input"), ("max_output", "output")):
        if int(limit.get(key, 0)) > 0 and not (embedding and key == "output"):
            out[name] = int(limit[key])
    if out.get("max_input", 0) >= out.get("context", 0):
        out.pop("max_input", None)
    for name, value in (("tools", model.get("tool_call")), ("images", "image" in inputs), ("audio", "audio" in inputs),
                        ("files", "pdf" in inputs), ("reasoning", model.get("reasoning")),
                        ("json_schema", model.get("structured_output")), ("embedding", embedding)):
        if value:
            out[name] = True
    cost = price(model.get("cost"), is_free(model_id, place))
    if cost is not None:
        out["price"] = cost
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalogue")
    parser.add_argument("--commit", required=True)
    parser.add_argument("--date", required=True)
    args = parser.parse_args()
    with open(args.catalogue, encoding="utf-8") as file:
        catalogue = json.load(file, parse_float=str, parse_int=str)
    with open(ROOT / "catalog" / "providers.json", encoding="utf-8") as file:
        wanted = {p["prices"]: p["place"] for p in json.load(file)["providers"] if p.get("prices") in catalogue}

    out = sys.stdout
    head = {"source": "models.dev", "commit": args.commit, "date": args.date, "licence": "MIT",
            "unit": "nano-dollars per million tokens"}
    out.write("{" + ",\n ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in head.items()))
    out.write(',\n "providers": {')
    for number, (provider, place) in enumerate(sorted(wanted.items())):
        out.write(("," if number else "") + f"\n{json.dumps(provider)}: {{")
        first = True
        for model_id, model in sorted(catalogue[provider]["models"].items()):
            modalities = model.get("modalities", {})
            if any("text" not in modalities.get(way, ["text"]) for way in ("input", "output")):
                continue
            line = json.dumps(facts(model_id, model, place), separators=(",", ":"), ensure_ascii=False)
            out.write(("" if first else ",") + f"\n{json.dumps(model_id)}:{line}")
            first = False
        out.write("}")
    out.write("}}\n")


if __name__ == "__main__":
    main()

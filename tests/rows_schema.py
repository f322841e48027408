"""Whether rows are what docs/rows.schema.json says, lines of summaries what
docs/summary.schema.json does, and checks what docs/check.schema.json does: as much of JSON
Schema as they use."""

import json
import pathlib
import re

DOCS = pathlib.Path(__file__).resolve().parents[1] / "docs"
SCHEMA = json.loads((DOCS / "rows.schema.json").read_text())
SUMMARY_SCHEMA = json.loads((DOCS / "summary.schema.json").read_text())
CHECK_SCHEMA = json.loads((DOCS / "check.schema.json").read_text())
KINDS = {"boolean": bool, "integer": int, "string": str, "null": type(None), "object": dict, "array": list}
TOLD = {"$schema", "title", "description", "format"}  # to people


def is_kind(value, name):
    return isinstance(value, KINDS[name]) and isinstance(value, bool) == (name == "boolean")


def faults_of_items(value, rules, where):
    """The rules of arrays are taken away."""
    each, first = rules.pop("items", {}), rules.pop("prefixItems", [])
    fewest, most = rules.pop("minItems", 0), rules.pop("maxItems", None)
    if not isinstance(value, list):
        return
    if len(value) < fewest or most is not None and len(value) > most:
        yield f"{where} has {len(value)} items, not from {fewest} to {most}"
    for i, item in enumerate(value):
        yield from faults(item, first[i] if i < len(first) else each, f"{where}[{i}]")


def faults(value, schema, where="row"):
    """What is wrong with the value, a line each."""
    rules = dict(schema)
    for rule in TOLD:
        rules.pop(rule, None)
    if "type" in rules:
        kinds = rules.pop("type")
        if not any(is_kind(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
            yield f"{where} is {value!r}, not {kinds}"
    if "enum" in rules and value not in rules["enum"]:
        yield f"{where} is {value!r}, none of {rules['enum']}"
    rules.pop("enum", None)
    pattern = rules.pop("pattern", "")
    shortest = rules.pop("minLength", 0)
    if isinstance(value, str) and (not re.search(pattern, value) or len(value) < shortest):
        yield f"{where} is {value!r}, unlike {pattern!r} or shorter than {shortest}"
    least, most = rules.pop("minimum", None), rules.pop("maximum", None)
    if isinstance(value, int) and (least is not None and value < least or most is not None and value > most):
        yield f"{where} is {value}, not from {least} to {most}"
    yield from faults_of_items(value, rules, where)
    required = rules.pop("required", [])
    properties = rules.pop("properties", {})
    fewest = rules.pop("minProperties", 0)
    others = rules.pop("additionalProperties", True)
    if isinstance(value, dict):
        if len(value) < fewest:
            yield f"{where} is empty"
        for key in set(required) - set(value):
            yield f"{where} has no {key!r}"
        for key, member in value.items():
            if key in properties:
                yield from faults(member, properties[key], key)
            elif not others:
                yield f"{where} has {key!r}"
    if rules:
        raise NotImplementedError(f"the schema has rules that are not looked at: {sorted(rules)}")


def object_of(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError(f"a key comes twice: {keys}")
    return dict(pairs)


def check(text, schema=SCHEMA):
    """The rows of a recording (bytes), or lines of a summary; an AssertionError for one that is
    not as it should be."""
    rows = []
    for line in text.decode().splitlines():
        rows.append(json.loads(line, object_pairs_hook=object_of))
        wrong = list(faults(rows[-1], schema))
        if wrong:
            raise AssertionError(f"{line}: {'; '.join(wrong)}")
    return rows

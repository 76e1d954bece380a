"""Checks the hand-written requests of all sets; exit code 1 when anything is wrong.

    python3 pipeline/data/check.py [--strict] [FILE ...]

A request has `say` (the user's words), `kind`, `calls`, and where no call is right a `reply`;
`history` holds earlier turns. When the history ends with a tool's result, `say` may be left out:
the model speaks next, with another call (multi-step) or with the answer (result-to-answer).
Training: `requests/`, `catalogue/`, `demos/`, `one-app/`. Held out: `dev/`, `test/`,
`demos-test/` and `one-app-test/`; their files may be small. No sentence may stand in two sets
unless both are trained on, and no tool of `test/` in any other set.
Warnings (shares, likely duplicates, values not found in the words) do not fail without --strict.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError
from variety import (
    check_variety,
    is_tool_list,
    label,
    last_words,
    own_files,
    read_app,
    said_elsewhere,
    set_of,
    tools_seen_before_test,
    words,
)

# The share of each kind asked for, in per cent of an app's requests.
WANTED = """single 38, several-tools 12, parallel 12, missing-value 9, negation 6, out-of-range 6,
irrelevant 7, near-miss 5, follow-up 5, multi-step 2, result-to-answer 2, chat 2"""
SHARES = {kind: int(share) for kind, share in (pair.split() for pair in WANTED.split(","))}
MUST_CALL = {"single", "several-tools", "parallel"}
NO_CALL = set(SHARES) - MUST_CALL - {"follow-up", "multi-step"}
NEEDS_TURN = {"follow-up": "user", "multi-step": "user", "result-to-answer": "tool"}
LEAST = {"requests": 12, "catalogue": 4}
MIN_HELD_OUT, MAX_REPLY_WORDS = 13, 25
TOOLS, HELD_OUT_TOOLS, DEMO_TOOLS, API_TOOLS = range(5, 13), range(4, 9), range(2, 9), range(3, 9)
APP_KEYS = {"app", "about", "tools", "requests"}
REQUEST_KEYS = {"say", "kind", "calls", "reply", "history", "now", "note"}
ROLE_KEYS = {"user": {"content"}, "assistant": {"content", "calls"}, "tool": {"name", "content"}}

Json = dict[str, Any]
Validators = dict[str, Draft202012Validator]
formats = FormatChecker(formats=["date"])
errors: list[str] = []
warnings: list[str] = []


@formats.checks("time", raises=ValueError)
def is_time(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value))


def fail(broken: bool, at: str, what: object) -> bool:
    if broken:
        errors.append(f"{at}: {what}")
    return broken


def check_tools(tools: list[Json], where: str, must_close: bool = True) -> Validators:
    validators: Validators = {}
    for tool in tools:
        at = f"{where}: tool {tool.get('name')!r}"
        schema: Json = tool.get("parameters", {})
        wrong = set(tool) != {"name", "description", "parameters"} or not isinstance(schema, dict)
        if fail(wrong, at, "must have name, description and parameters, nothing else"):
            continue
        fail(tool["name"] in validators, at, "the name is used twice")
        closed = schema.get("type") == "object" and schema.get("additionalProperties") is False
        what = "parameters must be an object with additionalProperties false"
        fail(must_close and not closed, at, what)
        unknown = set(schema.get("required", [])) - set(schema.get("properties", {}))
        fail(bool(unknown), at, f"required but not described: {sorted(unknown)}")
        try:
            Draft202012Validator.check_schema(schema)
            schema = schema | {"additionalProperties": False}
            validators[tool["name"]] = Draft202012Validator(schema, format_checker=formats)
        except SchemaError as error:
            fail(True, at, error.message)
    return validators


def check_calls(calls: object, validators: Validators, at: str) -> list[Json]:
    """Returns the calls that name a tool."""
    fail(not isinstance(calls, list), at, "calls must be a list")
    known = []
    for call in calls if isinstance(calls, list) else []:
        shaped = isinstance(call, dict) and set(call) == {"name", "arguments"}
        if fail(not shaped or call["name"] not in validators, at, f"no call of a tool: {call}"):
            continue
        for error in validators[call["name"]].iter_errors(call["arguments"]):
            fail(True, at, f"{call['name']}{error.json_path[1:]}: {error.message}")
        fail(call in known, at, f"the same call twice: {call}")
        known.append(call)
    return known


def untraced(call: Json, validator: Draft202012Validator, text: str) -> list[str]:
    """The free strings of a call (no dates or times) with a word that was not said."""
    lost = []
    for key, value in call["arguments"].items():
        schema = dict(validator.schema)["properties"].get(key, {})  # type: ignore[arg-type]
        schema = schema.get("items", schema)
        for item in value if isinstance(value, list) else [value]:
            free = isinstance(item, str) and "enum" not in schema
            if free and not re.search(r"\d[-:]\d", item):
                lost += [f"{key}={item!r}"] if any(w[:4] not in text for w in words(item)) else []
    return lost


def check_request(request: Json, validators: Validators, at: str) -> str:
    """Returns the user's last words."""
    kind, history = str(request.get("kind")), request.get("history", [])
    say, reply = request.get("say", ""), request.get("reply", "")
    now = request.get("now", "2026-03-12T09:30")
    unknown = sorted(set(request) - REQUEST_KEYS)
    fail(bool(unknown), at, f"unknown keys {unknown}")
    fail(kind not in {*SHARES, "example"}, at, f"unknown kind {kind!r}")
    fail(not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", now), at, "now: not like 2026-03-12T09:30")
    for turn in history:
        role = turn.get("role")
        wrong = role not in ROLE_KEYS or bool(set(turn) - {"role"} - ROLE_KEYS[role])
        fail(wrong, at, f"bad history turn {turn}")
        strange = role == "tool" and turn.get("name") not in validators
        fail(strange, at, f"history has a result of unknown tool {turn.get('name')!r}")
        check_calls(turn.get("calls", []), validators, f"{at} history")
    needed, roles = NEEDS_TURN.get(kind), [turn.get("role") for turn in history]
    fail(bool(needed) and needed not in roles, at, f"{kind} needs a {needed} turn in its history")
    fail(not say.strip() and roles[-1:] != ["tool"], at, "nothing is said")
    calls = check_calls(request.get("calls"), validators, at)
    wrong = (kind in NO_CALL and bool(calls)) or (kind in MUST_CALL and not calls)
    fail(wrong, at, f"{kind} with {len(calls)} calls")
    fail(kind == "parallel" and len(calls) < 2, at, "parallel needs two calls or more")
    fail(not calls and not reply, at, "neither calls nor a reply")
    length = len(reply.split())
    fail(length > MAX_REPLY_WORDS, at, f"reply of {length} words, at most {MAX_REPLY_WORDS}")
    text = " ".join(words(say + json.dumps(history, ensure_ascii=False)))
    for call in calls:
        lost = untraced(call, validators[call["name"]], text)
        warnings.extend(f"{at}: is this in the words? {value}" for value in lost)
    return last_words(request)


def check_file(path: Path, seen: dict[str, str]) -> Counter[str]:
    name, part = label(path), set_of(path)
    try:
        app = read_app(path)
    except (ValueError, TypeError, AttributeError) as error:
        fail(True, name, f"not JSON of the right shape: {error}")
        return Counter()
    wrong = set(app) != APP_KEYS or app["app"] != path.stem
    if fail(wrong, name, "must have app (= file name), about, tools, requests, nothing else"):
        return Counter()
    # Demos send what their schema library writes, which leaves objects open.
    validators = check_tools(app["tools"], name, must_close=not part.startswith("demos"))
    requests = app["requests"]
    says = [check_request(r, validators, f"{name}[{i}]") for i, r in enumerate(requests)]
    for broken, what in check_variety(says, name, seen):
        (errors if broken else warnings).append(what)
    sizes = TOOLS if part == "requests" else HELD_OUT_TOOLS
    sizes = DEMO_TOOLS if part.startswith("demos") else sizes
    sizes = API_TOOLS if part == "catalogue" else sizes
    if len(validators) not in sizes:
        asked = f"{sizes.start} to {sizes.stop - 1} asked for"
        warnings.append(f"{name}: {len(validators)} tools, {asked}")
    total, kinds = len(requests), Counter(str(request.get("kind")) for request in requests)
    for kind, share in SHARES.items():
        actual = 100 * kinds[kind] / max(total, 1)
        if share >= 5 and part == "requests" and not 0.6 * share <= actual <= 1.6 * share:
            warnings.append(f"{name}: {kind} is {actual:.0f} %, {share} % asked for")
    least = LEAST.get(part, MIN_HELD_OUT)
    fail(total < least, name, f"{total} requests, at least {least} asked for")
    called = json.dumps([request.get("calls") for request in requests])
    for tool in validators:
        if part != "catalogue" and f'"name": "{tool}"' not in called:
            warnings.append(f"{name}: tool {tool} is never called")
    return kinds + Counter(tools=len(validators), total=total)


def main(arguments: list[str]) -> int:
    named = [Path(argument) for argument in arguments if argument != "--strict"]
    named = [path.with_name("examples.json") if is_tool_list(path) else path for path in named]
    files = list(dict.fromkeys(named)) or own_files()
    seen = said_elsewhere(files)
    rows = [(label(path).removesuffix(".json"), check_file(path, seen)) for path in files]
    for part in dict.fromkeys(map(set_of, files)):
        counted = (row[1] for path, row in zip(files, rows, strict=False) if set_of(path) == part)
        rows.append((f"= {part}", sum(counted, Counter())))
    errors.extend(tools_seen_before_test())
    columns = ["tools", "total", *SHARES, "example"]
    print(" " * 28 + " ".join(column[:9].rjust(9) for column in columns))
    for name, counts in rows:
        print(name[:27].ljust(28) + " ".join(str(counts[c]).rjust(9) for c in columns))
    print("\n".join([f"warning: {w}" for w in warnings] + [f"error: {e}" for e in errors]))
    print(f"{len(files)} files, {len(errors)} errors, {len(warnings)} warnings")
    return 1 if errors or not files or ("--strict" in arguments and warnings) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Are the requests unlike each other? Within an app, and between the sets.

A held-out sentence that is trained on, or that chooses a checkpoint, would measure memory.
"""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
TRAINING = ("requests", "catalogue", "demos", "one-app")
HELD_OUT = ("dev", "test", "demos-test", "one-app-test")
MAX_OPENING, ALIKE = 0.08, 0.8

Complaints = list[tuple[bool, str]]  # (an error, or only a warning?, the message)


def words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", re.sub("['\u2019]", "", text.lower()))


def set_of(path: Path) -> str:
    """The set a file belongs to; a file that lies elsewhere counts as one of `requests`."""
    return path.parent.name if path.parent.name in TRAINING + HELD_OUT else "requests"


def label(path: Path) -> str:
    return path.name if set_of(path) == "requests" else f"{set_of(path)}/{path.name}"


def own_files() -> list[Path]:
    found = [sorted(FOLDER.glob(f"{name}/*.json")) for name in TRAINING + HELD_OUT]
    return [path for files in found for path in files if not is_tool_list(path)]


def is_tool_list(path: Path) -> bool:
    """`one-app/tools.json` is checked with the examples beside it."""
    return set_of(path) == "one-app" and path.name == "tools.json"


def read_app(path: Path) -> Any:
    """An app's file. The files of `one-app/` have the shape that users of the pipeline write."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if set_of(path) != "one-app":
        return content
    tools = json.loads((path.parent / "tools.json").read_text(encoding="utf-8"))
    requests = [from_example(example) for example in content]
    return {"app": path.stem, "about": "", "tools": tools, "requests": requests}


def from_example(example: dict[str, Any]) -> dict[str, Any]:
    names = {"userQuery": "say", "expectedToolCalls": "calls", "expectedReply": "reply"}
    return {"kind": "example"} | {names.get(key, key): value for key, value in example.items()}


def may_share(name: str, other: str) -> bool:
    """Whether a sentence may stand in both files: in one set, or in two that are trained on."""
    sets = {part.split("/")[0] if "/" in part else "requests" for part in (name, other)}
    return len(sets) == 1 or sets <= set(TRAINING)


def last_words(request: dict[str, Any]) -> str:
    """What the user said last; a request that goes on after a tool's result has no `say`."""
    turns = request.get("history", [])
    asked = [turn.get("content", "") for turn in turns if turn.get("role") == "user"]
    return request.get("say") or "".join(asked[-1:])


def sentence_key(say: str) -> str:
    return " ".join(words(say)) or say


def said_elsewhere(named: list[Path]) -> dict[str, str]:
    """The sentences of the files that are not checked in this run, and where they stand."""
    seen: dict[str, str] = {}
    checked = {path.resolve() for path in named}
    for path in own_files():
        if path.resolve() in checked:
            continue
        try:
            requests = read_app(path)["requests"]
        except (ValueError, KeyError, TypeError):
            continue  # half written; it is reported when it is checked itself
        for index, request in enumerate(requests):
            seen.setdefault(sentence_key(last_words(request)), f"{label(path)}[{index}]")
    return seen


def tools_seen_before_test() -> list[str]:
    """The tools of `test/` whose names stand in another set as well."""
    used: dict[str, list[Path]] = {}
    for path in own_files():
        try:
            tools = read_app(path)["tools"]
        except (ValueError, KeyError, TypeError):
            continue  # half written; it is reported when it is checked itself
        for tool in tools:
            used.setdefault(re.sub(r"[_.-]", "", tool["name"].lower()), []).append(path)
    shared = {name: {label(path) for path in paths} for name, paths in used.items()}
    return [
        f"tool {name} of the test stands in several files: {sorted(places)}"
        for name, places in shared.items()
        if len(places) > 1 and any(place.startswith("test/") for place in places)
    ]


def check_variety(says: list[str], name: str, seen: dict[str, str]) -> Complaints:
    complaints: Complaints = []
    is_demo = name.startswith("demos")
    bags: list[set[str]] = []
    for index, say in enumerate(says):
        at, key, bag = f"{name}[{index}]", sentence_key(say), set(words(say))
        if key in seen:
            same_app = seen[key].startswith(name + "[")
            broken = same_app or not may_share(name, seen[key])
            if broken or not is_demo:  # two demos with like tools understand the same sentences
                complaints.append((broken, f"{at}: same as {seen[key]}: {say!r}"))
        seen.setdefault(key, at)
        for other, old in enumerate(bags):
            if not is_demo and len(bag) > 3 and len(bag & old) >= ALIKE * len(bag | old):
                complaints.append((False, f"{at}: much like [{other}]: {say!r}"))
        bags.append(bag)
    is_small = name.startswith("catalogue")
    limit = max(3 if is_small else 2, MAX_OPENING * len(says))
    for opening, count in Counter(" ".join(words(say)[:2]) for say in says).items():
        if count > limit:
            what = f"{name}: {count} of {len(says)} requests open with {opening!r}"
            complaints.append((not is_small, what))
    return complaints

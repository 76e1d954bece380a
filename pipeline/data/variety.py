"""Are the requests unlike each other? Within an app, and between training (`requests/`) and `dev/`.

A sentence of the development set that is trained on would measure memory when it chooses a model.
"""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
MAX_OPENING, ALIKE = 0.08, 0.8

Complaints = list[tuple[bool, str]]  # (an error, or only a warning?, the message)


def words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", re.sub("['\u2019]", "", text.lower()))


def is_dev(path: Path) -> bool:
    return path.parent.name == "dev"


def label(path: Path) -> str:
    return f"dev/{path.name}" if is_dev(path) else path.name


def own_files() -> list[Path]:
    return sorted(FOLDER.glob("requests/*.json")) + sorted(FOLDER.glob("dev/*.json"))


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
            requests = json.loads(path.read_text(encoding="utf-8"))["requests"]
        except (ValueError, KeyError):
            continue  # half written; it is reported when it is checked itself
        for index, request in enumerate(requests):
            seen.setdefault(sentence_key(last_words(request)), f"{label(path)}[{index}]")
    return seen


def check_variety(says: list[str], name: str, seen: dict[str, str]) -> Complaints:
    complaints: Complaints = []
    bags: list[set[str]] = []
    for index, say in enumerate(says):
        at, key, bag = f"{name}[{index}]", sentence_key(say), set(words(say))
        if key in seen:
            same_app = seen[key].startswith(name + "[")
            other_set = seen[key].startswith("dev/") != name.startswith("dev/")
            complaints.append((same_app or other_set, f"{at}: same as {seen[key]}: {say!r}"))
        seen.setdefault(key, at)
        for other, old in enumerate(bags):
            if len(bag) > 3 and len(bag & old) >= ALIKE * len(bag | old):
                complaints.append((False, f"{at}: much like [{other}]: {say!r}"))
        bags.append(bag)
    limit = max(2, MAX_OPENING * len(says))
    for opening, count in Counter(" ".join(words(say)[:2]) for say in says).items():
        if count > limit:
            what = f"{name}: {count} of {len(says)} requests open with {opening!r}"
            complaints.append((True, what))
    return complaints

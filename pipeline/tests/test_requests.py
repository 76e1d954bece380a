"""The hand-written requests hold what their README promises."""

import json
import subprocess
import sys
from pathlib import Path

CHECK = Path(__file__).parents[1] / "data" / "check.py"


def check(*files: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(CHECK), *map(str, files)], capture_output=True, text=True, check=False
    )


def test_every_request_is_sound() -> None:
    result = check()
    assert result.returncode == 0, result.stdout


def test_a_call_against_its_schema_is_found(tmp_path: Path) -> None:
    source = (CHECK.parent / "requests" / "banking.json").read_text()
    broken = tmp_path / "banking.json"
    broken.write_text(
        source.replace('"arguments": {"account": "checking"}', '"arguments": {"account": 7}', 1)
    )
    result = check(broken)
    assert result.returncode == 1
    assert "banking.json" in result.stdout + result.stderr


def one_request(folder: Path, say: str) -> Path:
    schema = {"type": "object", "additionalProperties": False}
    tool = {"name": "ring", "description": "Rings.", "parameters": schema}
    request = {"say": say, "kind": "single", "calls": [{"name": "ring", "arguments": {}}]}
    app = {"app": "bell", "about": "A bell.", "tools": [tool], "requests": [request]}
    folder.mkdir()
    path = folder / "bell.json"
    path.write_text(json.dumps(app))
    return path


def test_a_sentence_in_training_and_held_out_is_found(tmp_path: Path) -> None:
    trained = one_request(tmp_path / "demos", "Ring it, would you?")
    held_out = one_request(tmp_path / "test", "ring it would you")
    result = check(trained, held_out)
    assert "error: test/bell.json[0]: same as demos/bell.json[0]" in result.stdout


def test_two_training_sets_may_share_a_sentence(tmp_path: Path) -> None:
    trained = one_request(tmp_path / "demos", "Ring it, would you?")
    also_trained = one_request(tmp_path / "requests", "ring it would you")
    result = check(trained, also_trained)
    assert "error: bell.json[0]: same as" not in result.stdout
    assert "warning: bell.json[0]: same as demos/bell.json[0]" in result.stdout

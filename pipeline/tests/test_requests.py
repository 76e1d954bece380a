"""The hand-written requests hold what their README promises."""

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
    broken.write_text(source.replace('"arguments": {"account": "checking"}', '"arguments": {"account": 7}', 1))
    result = check(broken)
    assert result.returncode == 1
    assert "banking.json" in result.stdout + result.stderr

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_hub import TOKEN, FakeHub


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub() as hub:
        yield hub


@pytest.fixture
def model(tiny: Path, tmp_path: Path) -> Path:
    """A small whole model."""
    folder = tmp_path / "my-model"
    shutil.copytree(tiny, folder, ignore=shutil.ignore_patterns("model.onnx", "model_q4*"))
    (folder / "manifest.json").unlink()
    return folder


def upload(hub: FakeHub | str, *arguments: str, token: str | None = TOKEN) -> tuple[int, str]:
    """Runs the command in a process of its own: the client reads its settings at import."""
    home = Path(arguments[-1]).parent / "home" if arguments else Path()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "HF_ENDPOINT": hub if isinstance(hub, str) else hub.url,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "NO_PROXY": "127.0.0.1",
        **({"HF_TOKEN": token} if token else {}),
    }
    command = [sys.executable, "-m", "edge_llm", "upload", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def test_every_file_arrives_large_ones_at_signed_addresses(hub: FakeHub, model: Path) -> None:
    code, said = upload(hub, "--repo", "me/lamp", "--private", str(model))
    assert code == 0, said
    assert f"{hub.url}/me/lamp" in said
    kept = hub.repositories["me/lamp"]
    assert kept.private
    assert kept.commits == ["Upload my-model"]
    sent = {path: (model / path).read_bytes() for path in kept.files}
    assert kept.files == sent
    there = {file.relative_to(model).as_posix() for file in model.rglob("*") if file.is_file()}
    assert set(kept.files) - {".gitattributes"} == there
    assert len(hub.signed) == 1
    assert "signature=abc" in hub.signed[0]


def test_a_repository_that_exists(hub: FakeHub, model: Path) -> None:
    assert upload(hub, "--repo", "me/lamp", str(model))[0] == 0
    code, said = upload(hub, "--repo", "me/lamp", str(model))
    assert code == 1
    assert "me/lamp exists already" in said
    code, said = upload(hub, "--repo", "me/lamp", "--exist-ok", "--message", "v2", str(model))
    assert code == 0, said
    assert hub.repositories["me/lamp"].commits == ["Upload my-model", "v2"]


def test_without_a_token_nothing_is_asked(model: Path) -> None:
    code, said = upload("http://127.0.0.1:1", "--repo", "me/lamp", str(model), token=None)
    assert code == 1
    assert "there is no token for the hub" in said


def test_a_wrong_token(hub: FakeHub, model: Path) -> None:
    code, said = upload(hub, "--repo", "me/lamp", str(model), token="hf_wrong")
    assert code == 1
    assert "the hub does not accept the token (401)" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("call", ["/api/repos/create", "/preupload/main", "/commit/main"])
def test_a_token_that_may_not_write(hub: FakeHub, model: Path, call: str) -> None:
    hub.refuse[call] = (403, "You don't have the rights")
    code, said = upload(hub, "--repo", "other/lamp", str(model))
    assert code == 1
    assert "may not write to other/lamp (403" in said
    assert "Traceback" not in said


def test_a_hub_that_is_not_there(model: Path) -> None:
    code, said = upload("http://127.0.0.1:1", "--repo", "me/lamp", str(model))
    assert code == 1
    assert "Check the network and HF_ENDPOINT" in said


def test_what_browsers_cannot_load_is_not_sent(hub: FakeHub, model: Path) -> None:
    (model / "tokenizer.json").unlink()
    code, said = upload(hub, "--repo", "me/lamp", str(model))
    assert code == 1
    assert "tokenizer.json: is missing" in said
    assert upload(hub, "--repo", "lamp", str(model))[0] == 1
    assert not hub.repositories

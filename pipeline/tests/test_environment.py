from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from edge_llm.project.environment import base_faults, disk_faults, training_faults


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert disk_faults(tmp_path / "runs" / "new", 1) == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2_500_000_000))
    (fault,) = disk_faults(tmp_path / "runs" / "new", 4_000_000_000)
    assert "has 2.5 GB free, but the run needs 4.0 GB" in str(fault)


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "peft" else name)
    (fault,) = training_faults("cpu", "lora")
    assert str(fault).startswith("training: peft not installed. Run with `uv run")


def test_a_base_that_is_not_there(tmp_path: Path) -> None:
    (fault,) = base_faults(str(tmp_path / "nothing"))
    assert "there is no such" in fault.reason


def test_a_base_without_chat_template(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "base"
    folder.mkdir()
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(tiny / name, folder / name)
    (folder / "tokenizer_config.json").write_text("{}")
    (fault,) = base_faults(str(folder))
    assert "has no chat template" in fault.reason


class TestWithoutGpu:
    @pytest.fixture(autouse=True)
    def no_gpu(self, monkeypatch: pytest.MonkeyPatch) -> None:
        torch = SimpleNamespace(cuda=SimpleNamespace(is_available=lambda: False))
        monkeypatch.setitem(sys.modules, "torch", torch)
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)

    def test_a_gpu_was_asked_for(self) -> None:
        assert training_faults("auto", "lora") == []
        (fault,) = training_faults("cuda", "full")
        assert str(fault).startswith("--device cuda: there is no GPU that torch can use")

    def test_qlora_needs_cuda(self) -> None:
        (fault,) = training_faults("auto", "qlora")
        assert str(fault).startswith("--method qlora: 4-bit training needs a CUDA GPU")

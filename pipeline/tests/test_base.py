"""A base is the same Hugging Face directory wherever its weights come from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import save_file

from edge_llm.base import EMBEDDED, PACKAGED, TINY, BaseModelError, describe_base, open_base
from edge_llm.checkpoint import Checkpoint, read_checkpoint
from edge_llm.gguf_source import packaged_smollm2
from edge_llm.manifest import sha256_of


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return open_base(TINY, tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture
def copy(opened: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(opened, tmp_path / "copy"))


def equal(one: Path, other: Path) -> bool:
    a, b = Checkpoint(one), Checkpoint(other)
    return set(a) == set(b) and all(np.array_equal(a[name], b[name]) for name in a)


def test_onnx_fp32_gives_the_weights_back(opened: Path, tiny: Path, tmp_path: Path) -> None:
    again = open_base(str(tiny), tmp_path / "again")
    assert equal(opened, again)
    assert (again / "tokenizer.json").read_bytes() == (opened / "tokenizer.json").read_bytes()
    assert (again / "chat_template.jinja").read_text() == (
        opened / "chat_template.jinja"
    ).read_text()


def test_q4_gives_weights_near_the_originals(opened: Path, tiny: Path, tmp_path: Path) -> None:
    source = Path(shutil.copytree(tiny, tmp_path / "q4", ignore=shutil.ignore_patterns("model.*")))
    made, real = Checkpoint(open_base(str(source), tmp_path / "again")), Checkpoint(opened)
    for name in real:
        distance = np.linalg.norm(made[name] - real[name]) / np.linalg.norm(real[name])
        # An embedding has 8 bits, other matrices 4, vectors all.
        limit = 0.01 if "embed" in name else 0.11 if real[name].ndim == 2 else 1e-6
        assert distance < limit, name


def test_a_gguf_file_is_the_packaged_model(tmp_path: Path) -> None:
    packaged = open_base(PACKAGED, tmp_path / "packaged")
    from_file = open_base(str(packaged_smollm2().path), tmp_path / "file")
    assert sha256_of(packaged / "model.safetensors") == sha256_of(from_file / "model.safetensors")


def test_config_says_what_the_weights_are(opened: Path) -> None:
    config = json.loads((opened / "config.json").read_text())
    assert config["torch_dtype"] == "float32"
    assert config["tie_word_embeddings"] is True
    assert read_checkpoint(opened).embedding.shape == (config["vocab_size"], config["hidden_size"])


def test_an_opened_base_is_left_alone(opened: Path) -> None:
    before = (opened / "model.safetensors").stat().st_mtime_ns
    open_base(TINY, opened)
    assert (opened / "model.safetensors").stat().st_mtime_ns == before


def test_sharded_bfloat16_is_read(opened: Path, copy: Path, tmp_path: Path) -> None:
    tensors = Checkpoint(opened)
    names = list(tensors)
    shards = {f"model-{part}.safetensors": names[part::2] for part in (0, 1)}
    for file, held in shards.items():
        save_file(
            {name: tensors[name].astype(ml_dtypes.bfloat16) for name in held},
            copy / file,
        )
    index = {"weight_map": {name: file for file, held in shards.items() for name in held}}
    (copy / "model.safetensors.index.json").write_text(json.dumps(index))
    (copy / "model.safetensors").unlink()
    made = Checkpoint(open_base(str(copy), tmp_path / "made"))
    for name in tensors:
        np.testing.assert_allclose(made[name], tensors[name], rtol=2**-8)


def test_a_missing_chat_template_is_named(copy: Path, tmp_path: Path) -> None:
    (copy / "chat_template.jinja").unlink()
    settings = json.loads((copy / "tokenizer_config.json").read_text())
    del settings["chat_template"]
    (copy / "tokenizer_config.json").write_text(json.dumps(settings))
    with pytest.raises(BaseModelError, match="no chat template"):
        open_base(str(copy), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("tokenizer.json", "no tokenizer.json"),
        ("config.json", "no config.json"),
        ("model.safetensors", "holds the weights"),
    ],
)
def test_a_missing_file_is_named(copy: Path, tmp_path: Path, file: str, said: str) -> None:
    (copy / file).unlink()
    with pytest.raises(BaseModelError, match=said):
        open_base(str(copy), tmp_path / "out")


def test_an_unknown_architecture_is_named(copy: Path, tmp_path: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "architectures": ["BertModel"]}))
    with pytest.raises(BaseModelError, match="BertModel is not supported"):
        open_base(str(copy), tmp_path / "out")


def test_what_is_no_model_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BaseModelError, match="Models are not downloaded"):
        open_base("org/name", tmp_path / "out")
    with pytest.raises(BaseModelError, match=r"does not exist; give the path of a \.gguf"):
        open_base("missing.gguf", tmp_path / "out")


def test_the_embedded_model_is_a_base_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert describe_base(EMBEDDED)["kind"] == "onnx"
    monkeypatch.chdir(tmp_path)
    (tmp_path / EMBEDDED).mkdir()
    with pytest.raises(BaseModelError):
        describe_base(EMBEDDED)

"""Every decoder family's graph beside transformers, on tiny random models."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from edge_llm.architecture import DecoderWeights
from edge_llm.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from edge_llm.graph.decoder import write_decoder
from edge_llm.graph.precision import BlockSizes, Fp32, Int4Blocks, Int8PerToken, Precision
from edge_llm.hf_config import decoder_config, why_not_written
from edge_llm.numpy_decoder import forward
from edge_llm.onnx_weights import read_onnx_model
from edge_llm.session import DecoderSession, KeyValueCache
from edge_llm.smoothing import smooth
from edge_llm.tiny_families import TINY_FAMILIES, random_weights, tiny_settings

FAMILIES = list(TINY_FAMILIES)
TOKENS = [int(token) for token in np.random.default_rng(5).integers(0, 256, 30)]


def numpy_logits(weights: DecoderWeights) -> np.ndarray:
    head = weights.embedding if weights.head is None else weights.head
    return forward(weights, TOKENS) @ head.T


def graph_of(weights: DecoderWeights, precision: Precision, path: Path) -> Path:
    write_decoder(path, weights, precision, "tiny")
    return path


def whole(graph: Path) -> np.ndarray:
    return DecoderSession(graph).forward(TOKENS, KeyValueCache(), keep=0)


def stepwise(graph: Path, prefill: int = 4) -> np.ndarray:
    session, cache = DecoderSession(graph), KeyValueCache()
    parts = [session.forward(TOKENS[:prefill], cache, keep=0)]
    parts += [session.forward([token], cache, keep=0) for token in TOKENS[prefill:]]
    return np.concatenate(parts)


def directory_of(settings: dict[str, Any], target: Path) -> Path:
    target.mkdir(parents=True)
    (target / "config.json").write_text(json.dumps(settings))
    write_checkpoint(random_weights(settings), target)
    return target


def transformers_logits(directory: Path, tokens: Sequence[int] = TOKENS) -> np.ndarray:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    model, loading = transformers.AutoModelForCausalLM.from_pretrained(
        directory, dtype="float32", attn_implementation="eager", output_loading_info=True
    )
    assert not loading["missing_keys"] and not loading["unexpected_keys"]
    with torch.no_grad():
        logits: np.ndarray = model(torch.tensor([list(tokens)])).logits[0].numpy()
    return logits


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A Hugging Face directory of every family."""
    folder = tmp_path_factory.mktemp("families")
    return {name: directory_of(tiny_settings(name), folder / name) for name in FAMILIES}


@pytest.mark.parametrize("family", FAMILIES)
def test_graphs_compute_what_transformers_computes(
    family: str, sources: dict[str, Path], tmp_path: Path
) -> None:
    expected = transformers_logits(sources[family])
    assert np.abs(expected).max() > 5
    weights = read_checkpoint(sources[family])
    graph = graph_of(weights, Fp32(), tmp_path / "model.onnx")
    for made in (numpy_logits(weights), whole(graph), stepwise(graph)):
        np.testing.assert_allclose(made, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("changes", [{}, {"layer_types": ["full_attention"] * 2}])
def test_late_windows_are_those_of_transformers(changes: dict[str, Any], tmp_path: Path) -> None:
    settings = tiny_settings("qwen2", use_sliding_window=True, **changes)
    assert decoder_config(settings).window(1) == (0 if changes else 8)
    source = directory_of(settings, tmp_path / "source")
    expected = transformers_logits(source)
    graph = graph_of(read_checkpoint(source), Fp32(), tmp_path / "model.onnx")
    np.testing.assert_allclose(whole(graph), expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_numpy_computes_what_graphs_compute(family: str, tmp_path: Path) -> None:
    weights = random_weights(tiny_settings(family))
    graph = graph_of(weights, Fp32(), tmp_path / "model.onnx")
    for made in (whole(graph), stepwise(graph)):
        np.testing.assert_allclose(made, numpy_logits(weights), rtol=0, atol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_smoothing_changes_nothing_and_q8_stays_near(family: str, tmp_path: Path) -> None:
    weights = random_weights(tiny_settings(family))
    exact = numpy_logits(weights)
    smoothed = smooth(weights, TOKENS)
    np.testing.assert_allclose(numpy_logits(smoothed), exact, rtol=0, atol=2e-4)
    graph = graph_of(smoothed, Int8PerToken(), tmp_path / "model.onnx")
    for made in (whole(graph), stepwise(graph)):
        assert np.linalg.norm(made - exact) / np.linalg.norm(exact) < 0.1


SIZES = [
    BlockSizes(16, 4, 16),
    BlockSizes(32, 8, 32, zero_points=True),
    BlockSizes(64, 4, 64, scale_bits=32),
    BlockSizes(128, 8, 128, zero_points=True, scale_bits=32),
    BlockSizes(128, 4, 32, zero_points=True),
]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("family", FAMILIES)
def test_q4_computes_with_the_weights_it_stores(
    family: str, sizes: BlockSizes, sources: dict[str, Path], tmp_path: Path
) -> None:
    graph = graph_of(read_checkpoint(sources[family]), Int4Blocks(sizes), tmp_path / "m.onnx")
    expected = numpy_logits(read_onnx_model(sources[family], graph))
    for made in (whole(graph), stepwise(graph)):
        np.testing.assert_allclose(made, expected, rtol=0, atol=2e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_come_back_from_files_and_graphs(
    family: str, sources: dict[str, Path], tmp_path: Path
) -> None:
    weights = read_checkpoint(sources[family])
    graph = graph_of(weights, Fp32(), tmp_path / "model.onnx")
    again = tmp_path / "again"
    again.mkdir()
    write_checkpoint(read_onnx_model(sources[family], graph), again)
    before, after = Checkpoint(sources[family]), Checkpoint(again)
    assert set(before) == set(after)
    for name in before:
        # An offset that is added and taken away again costs the last bit.
        np.testing.assert_allclose(after[name], before[name], rtol=0, atol=3e-6)


@pytest.mark.parametrize("family", FAMILIES)
def test_configs_of_transformers_5_say_the_same(
    family: str, sources: dict[str, Path], tmp_path: Path
) -> None:
    transformers = pytest.importorskip("transformers")
    transformers.AutoConfig.from_pretrained(sources[family]).save_pretrained(tmp_path)
    settings = json.loads((tmp_path / "config.json").read_text())
    assert why_not_written(settings) is None
    assert decoder_config(settings) == decoder_config(tiny_settings(family))


def test_long_rotation_tables_are_made_at_load(tmp_path: Path) -> None:
    short, long = (
        random_weights(tiny_settings("gemma3", max_position_embeddings=positions))
        for positions in (256, 200_000)
    )
    graph = graph_of(long, Fp32(), tmp_path / "long.onnx")
    assert graph.stat().st_size < 1_000_000
    np.testing.assert_allclose(whole(graph), numpy_logits(short), rtol=0, atol=1e-4)
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "loaded.onnx")
    onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    loaded = {node.op_type for node in onnx.load(tmp_path / "loaded.onnx").graph.node}
    assert "GroupQueryAttention" in loaded and not loaded & {"Range", "Cos", "Sin"}


@pytest.mark.parametrize(
    ("family", "changes", "said"),
    [
        ("llama", {"attention_bias": True}, "attention_bias is set"),
        ("llama", {"rope_scaling": {"rope_type": "yarn"}}, "rope_type is yarn"),
        ("qwen3", {"hidden_act": "relu"}, "hidden_act is relu"),
        ("qwen3", {"partial_rotary_factor": 0.5}, "partial_rotary_factor is 0.5"),
        ("gemma3", {"final_logit_softcapping": 30.0}, "final_logit_softcapping is set"),
        ("granite4", {"num_local_experts": 4}, "it has experts"),
        ("granite4", {"layer_types": ["mamba", "attention"]}, "layers of type attention, mamba"),
        ("granite4", {"position_embedding_type": "nope"}, "position_embedding_type is nope"),
        ("llama", {"architectures": ["Phi3ForCausalLM"]}, "architecture is Phi3ForCausalLM"),
    ],
)
def test_what_graphs_cannot_express_is_named(
    family: str, changes: dict[str, Any], said: str
) -> None:
    assert said in str(why_not_written(tiny_settings(family, **changes)))
    assert why_not_written(tiny_settings(family)) is None


@pytest.mark.parametrize(
    ("precision", "sha256"),
    [
        (Fp32(), "5838e9830e2a739d1cd9ae1fce4d33f911c1670e1de200251c443bf593ec9f12"),
        (Int8PerToken(), "5c4b5d19a29c5a2edc6eee463a5cb376c920c5ec47088ea9f552baa1e12911f0"),
        (Int4Blocks(), "a3cd4166b3d995f7fe5be4da915ae951b37215e783e739ff5b54b94bc27878e2"),
    ],
    ids=["fp32", "q8", "q4"],
)
def test_graphs_of_plain_llamas_stay_as_they_are(
    precision: Precision, sha256: str, tmp_path: Path
) -> None:
    """What shipped models and their stamps rest on: operators, names, shapes, order."""
    graph = graph_of(random_weights(tiny_settings("llama")), precision, tmp_path / "m.onnx")
    model = onnx.load(graph)
    for tensor in model.graph.initializer:
        tensor.ClearField("raw_data")
    assert hashlib.sha256(model.SerializeToString(deterministic=True)).hexdigest() == sha256

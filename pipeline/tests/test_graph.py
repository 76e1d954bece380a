"""What a loader relies on: names, axes, and that the ways to feed tokens agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from edge_llm.manifest import DTYPE_FILES
from edge_llm.session import DecoderSession, KeyValueCache

TOKENS = [1, 9690, 198, 2683, 359, 260, 3446, 282, 253, 33, 34, 35, 36, 2, 198, 1, 520, 9531]
DTYPES = ["fp32", "q4", "q8"]


def session_of(directory: Path, dtype: str) -> DecoderSession:
    return DecoderSession(directory / DTYPE_FILES[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_inputs_and_outputs_are_named_for_transformers_js(tiny: Path, dtype: str) -> None:
    session = onnxruntime.InferenceSession(str(tiny / DTYPE_FILES[dtype]))
    inputs = {value.name: (value.type, value.shape) for value in session.get_inputs()}
    past = ("tensor(float)", ["batch_size", 1, "past_sequence_length", 32])
    assert inputs == {
        "input_ids": ("tensor(int64)", ["batch_size", "sequence_length"]),
        "attention_mask": ("tensor(int64)", ["batch_size", "total_sequence_length"]),
        "num_logits_to_keep": ("tensor(int64)", []),
        "past_key_values.0.key": past,
        "past_key_values.0.value": past,
        "past_key_values.1.key": past,
        "past_key_values.1.value": past,
    }
    outputs = {value.name: value.shape for value in session.get_outputs()}
    present = ["batch_size", 1, "total_sequence_length", 32]
    assert outputs == {
        "logits": ["batch_size", "num_logits", 49152],
        "present.0.key": present,
        "present.0.value": present,
        "present.1.key": present,
        "present.1.value": present,
    }


@pytest.mark.parametrize("dtype", DTYPES)
def test_embedding_is_stored_once(tiny: Path, dtype: str) -> None:
    model = onnx.load(tiny / DTYPE_FILES[dtype])
    large = [tensor.name for tensor in model.graph.initializer if len(tensor.raw_data) > 4_000_000]
    assert large == ["lm_head.weight"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("keep", [1, 3])
def test_keeping_logits_gives_the_last_ones(tiny: Path, dtype: str, keep: int) -> None:
    session = session_of(tiny, dtype)
    every = session.forward(TOKENS, KeyValueCache(), keep=0)
    assert every.shape == (len(TOKENS), 49152)
    kept = session.forward(TOKENS, KeyValueCache(), keep=keep)
    np.testing.assert_allclose(kept, every[-keep:], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("chunk", [1, 5])
def test_chunks_give_what_the_whole_gives(tiny: Path, dtype: str, chunk: int) -> None:
    session = session_of(tiny, dtype)
    whole = session.forward(TOKENS, KeyValueCache(), keep=0)
    cache = KeyValueCache()
    parts = [
        session.forward(TOKENS[start : start + chunk], cache, keep=0)
        for start in range(0, len(TOKENS), chunk)
    ]
    assert cache.length == len(TOKENS)
    # An activation that lies on a rounding border may fall to either side.
    tolerance = 0.1 if dtype == "q8" else 1e-3
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_of_a_batch_do_not_touch_each_other(tiny: Path, dtype: str) -> None:
    session = onnxruntime.InferenceSession(str(tiny / DTYPE_FILES[dtype]))
    rows = np.asarray([TOKENS, TOKENS[::-1]], dtype=np.int64)

    def logits(ids: np.ndarray) -> np.ndarray:
        empty = np.zeros((len(ids), 1, 0, 32), np.float32)
        feeds = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "num_logits_to_keep": np.asarray(1, np.int64),
        }
        past = {v.name: empty for v in session.get_inputs() if v.name.startswith("past")}
        return session.run(["logits"], {**feeds, **past})[0]

    alone = np.concatenate([logits(rows[:1]), logits(rows[1:])])
    np.testing.assert_allclose(logits(rows), alone, atol=0.1 if dtype == "q8" else 1e-3)


def test_tiny_model_does_not_only_repeat_itself(tiny: Path) -> None:
    made = session_of(tiny, "fp32").greedy(TOKENS, 32)
    assert len(set(made)) > 16

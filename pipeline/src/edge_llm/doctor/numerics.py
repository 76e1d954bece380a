"""`numerics.json`: known tokens and their logits, by which a device shows that it can compute.

`numerics.schema.json` is its format; `docs/doctor-report.md` says how it is read.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from edge_llm.architecture import FloatArray
from edge_llm.doctor.examination import MOST_EXACT
from edge_llm.doctor.measure import log_softmax
from edge_llm.doctor.taps import open_as_half
from edge_llm.manifest import DTYPE_FILES, sha256_of
from edge_llm.session import DecoderSession, KeyValueCache

NUMERICS = "numerics.json"

PROBE = (
    "The capital of France is Paris, and the largest city in Japan is Tokyo. "
    "In 1969, people first walked on the moon; 12 + 30 = 42."
)
PROBE_TOKENS = 20
_SHORTEST = 16
_TOP, _FIXED = 8, 4
_LEAST = 1e-12
_FLOOR, _CEILING, _TIMES = 0.25, 4.0, 4.0
"""Limits are several times what rounding costs, as kernels differ; overflows cost 10 and more."""


def write_numerics(directory: Path) -> Path | None:
    """Writes the file for the graphs there are, before the manifest lists it.

    Does nothing, and returns None, where there is no tokenizer or no graph, or where the
    probe has less than 16 tokens.
    """
    made = numerics_of(directory)
    if made is None:
        return None
    text = json.dumps(made, ensure_ascii=False, indent=1)
    text = re.sub(r"\[[-\d.,\s]+\]", lambda found: re.sub(r"\s+", " ", found[0]), text)
    path = directory / NUMERICS
    path.write_text(text + "\n", encoding="utf-8")
    return path


def numerics_of(directory: Path) -> dict[str, Any] | None:
    """The content of the file; None where it cannot be made."""
    there = [dtype for dtype in MOST_EXACT if (directory / DTYPE_FILES[dtype]).is_file()]
    ids = _probe(directory)
    if not there or len(ids) < _SHORTEST:
        return None
    base = directory / DTYPE_FILES[there[0]]
    # The CPU computes 16-bit graphs in 32 bits, which is what a reference is to be.
    exact = _logits(DecoderSession(base), ids)
    if len(exact) != len(ids):
        # A graph that gives the last logits alone.
        return None
    places = sorted({len(ids) * part // 4 - 1 for part in (1, 2, 3, 4)})
    positions = [_position(exact[place], place) for place in places]
    expected = {there[0]: _expected(positions, exact)}
    for dtype in there:
        try:
            session = open_as_half(directory / DTYPE_FILES[dtype])
        except ValueError:
            # Too large to emulate 16 bits in: this one stays unmeasured.
            continue
        expected[dtype] = _expected(positions, _logits(session, ids))
    return {
        "formatVersion": 1,
        "probe": {"ids": ids},
        "reference": {"weights": there[0], "arithmetic": "fp32", "sha256": sha256_of(base)},
        "positions": positions,
        "expected": {dtype: figures for dtype, figures in expected.items() if figures},
    }


def probe_divergence(position: dict[str, Any], logits: FloatArray) -> float:
    """KL of the stored tokens, and all others together, from `logits [vocab]`."""
    q_all = np.exp(log_softmax(logits))
    p = np.exp(np.asarray(position["logits"], np.float64) - position["logSumExp"])
    q = q_all[position["ids"]]
    p, q = (np.append(x, max(1 - x.sum(), _LEAST)) for x in (p, q))
    return float((p * np.log(p / np.maximum(q, _LEAST))).sum())


def _probe(directory: Path) -> list[int]:
    from tokenizers import Tokenizer

    path = directory / "tokenizer.json"
    if not path.is_file():
        return []
    ids: list[int] = Tokenizer.from_file(str(path)).encode(PROBE).ids
    return ids[:PROBE_TOKENS]


def _logits(session: DecoderSession, ids: list[int]) -> FloatArray:
    return session.forward(ids, KeyValueCache(), keep=0)


def _position(logits: FloatArray, place: int) -> dict[str, Any]:
    top = np.argsort(-logits, kind="stable")[:_TOP].tolist()
    fixed = [len(logits) * (index + 1) // (_FIXED + 1) for index in range(_FIXED)]
    ids = list(dict.fromkeys([*top, *fixed]))
    wide = logits.astype(np.float64)
    peak = float(wide.max())
    return {
        "position": place,
        "logSumExp": round(peak + float(np.log(np.exp(wide - peak).sum())), 4),
        "ids": ids,
        "logits": [round(float(logits[token]), 4) for token in ids],
    }


def _expected(positions: list[dict[str, Any]], logits: FloatArray) -> dict[str, Any] | None:
    """None where the graph's logits are not finite: such a graph has nothing to expect."""
    rows = [logits[position["position"]] for position in positions]
    if not np.isfinite(rows).all():
        return None
    kl = [
        max(probe_divergence(position, row), 0.0)
        for position, row in zip(positions, rows, strict=True)
    ]
    mean = float(np.mean(kl))
    return {
        "meanKl": _short(mean),
        "largestKl": _short(max(kl)),
        "top1": sum(
            int(row.argmax()) == position["ids"][0]
            for position, row in zip(positions, rows, strict=True)
        ),
        "limitKl": _short(min(max(_FLOOR, _TIMES * mean), _CEILING)),
    }


def _short(value: float) -> float:
    return float(f"{value:.4g}")

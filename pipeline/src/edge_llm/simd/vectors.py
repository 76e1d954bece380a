"""Test vectors of the SIMD core: tokens, and the SHA-256 of the logits after each of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge_llm.architecture import FloatArray
from edge_llm.calibration import CALIBRATION_TEXT
from edge_llm.manifest import DTYPE_FILES, sha256_of
from edge_llm.simd.decoder import SimdDecoder

VECTORS = Path("test/fixtures/simd/vectors.json")
EMBEDDED = Path("models/function-caller")

_ABOUT = (
    "Made by `edge-llm simd-vectors`. After the prompt and after each further token of the answer: "
    "SHA-256 of the logits as float32, little-endian. See docs/simd-numerics.md."
)


def make_vectors(root: Path, report: Callable[[str], None]) -> dict[str, Any]:
    """Vectors of the tiny models and of the embedded one; `root` is the repository's."""
    tiny = sorted(path.parent for path in (root / VECTORS).parent.glob("*/config.json"))
    # More than one pass, longer than every window, and a last page that is not full.
    prompt = [(i * i * 7 + 3 * i) % 256 for i in range(70)]
    vectors = [_vector(root, directory, prompt, 12, report) for directory in tiny]
    vectors.append(_vector(root, root / EMBEDDED, _conversation(root / EMBEDDED), 50, report))
    core = SimdDecoder.open(tiny[0]).core
    return {"about": _ABOUT, "numericsVersion": core.numerics_version, "vectors": vectors}


def differing(vector: dict[str, Any], root: Path) -> list[int]:
    """Steps whose logits are not those of the vector; step 0 is the prompt."""
    decoder = SimdDecoder.open(root / vector["model"], vector["dtype"])
    sequence = decoder.sequence()
    fed = [vector["prompt"], *([token] for token in vector["answer"])]
    hashes = [sha256_of_logits(decoder.feed(sequence, tokens)) for tokens in fed]
    pairs = zip(hashes, vector["logits"], strict=True)
    return [step for step, (made, wanted) in enumerate(pairs) if made != wanted]


def sha256_of_logits(logits: FloatArray) -> str:
    return hashlib.sha256(logits.astype("<f4").tobytes()).hexdigest()


def write_vectors(root: Path, report: Callable[[str], None]) -> Path:
    """Writes the file anew, a line for each list."""
    made = make_vectors(root, report)
    *head, vectors = made.items()
    lines = [f" {json.dumps(name)}: {json.dumps(value)}," for name, value in head]
    entries = [
        "  {\n"
        + ",\n".join(f"   {json.dumps(k)}: {json.dumps(v)}" for k, v in entry.items())
        + "\n  }"
        for entry in vectors[1]
    ]
    text = "{\n" + "\n".join(lines) + '\n "vectors": [\n' + ",\n".join(entries) + "\n ]\n}\n"
    path = root / VECTORS
    path.write_text(text, encoding="utf-8")
    return path


def _vector(
    root: Path, directory: Path, prompt: list[int], steps: int, report: Callable[[str], None]
) -> dict[str, Any]:
    report(f"{directory.name}: {len(prompt)} tokens and {steps} steps")
    decoder = SimdDecoder.open(directory)
    sequence = decoder.sequence()
    logits = decoder.feed(sequence, prompt)
    hashes = [sha256_of_logits(logits)]
    answer: list[int] = []
    for _ in range(steps):
        answer.append(int(logits.argmax()))
        logits = decoder.feed(sequence, answer[-1:])
        hashes.append(sha256_of_logits(logits))
    return {
        "model": directory.relative_to(root).as_posix(),
        "dtype": "q4",
        "graphSha256": sha256_of(directory / DTYPE_FILES["q4"]),
        "prompt": prompt,
        "answer": answer,
        "logits": hashes,
    }


def _conversation(directory: Path) -> list[int]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    ids: list[int] = tokenizer.encode(2 * CALIBRATION_TEXT, add_special_tokens=False).ids
    return ids[:200]

"""All checks of a model directory."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from edge_llm.checkpoint import WEIGHTS, read_checkpoint
from edge_llm.hf_config import why_not_written
from edge_llm.manifest import DTYPE_FILES
from edge_llm.onnx_weights import is_ours, read_onnx_model
from edge_llm.verify.cases import Case, calls_of, format_name, prompt_text
from edge_llm.verify.engines import Answers, EngineError, answer_in_node, answer_in_python
from edge_llm.verify.logits import TOLERANCE, largest_difference
from edge_llm.verify.report import Finding, Verification

Report = Callable[[str], None]
Difference = dict[str, Any]

NODE_ENGINES = ("kit", "transformers")
_REFERENCE_PROMPTS = 2


class _Verifier:
    def __init__(self, directory: Path, cases: Sequence[Case], max_tokens: int) -> None:
        from tokenizers import Tokenizer

        self.directory = directory
        self.cases = cases
        self.max_tokens = max_tokens
        self.eos = int(json.loads((directory / "config.json").read_text("utf-8"))["eos_token_id"])
        self.format = format_name(directory)
        self._tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        self.prompts: dict[str, list[int]] = {
            case.id: self._tokenizer.encode(
                prompt_text(case, directory), add_special_tokens=False
            ).ids
            for case in cases
        }

    def graph(self, dtype: str) -> Path:
        return self.directory / DTYPE_FILES[dtype]

    def python(self, dtype: str) -> Answers:
        return answer_in_python(self.graph(dtype), self.prompts, self.max_tokens, self.eos)

    def node(self, engine: str, dtype: str) -> Answers:
        return answer_in_node(engine, self.directory, dtype, self.cases, self.max_tokens, self.eos)

    def logits(self, dtype: str, source: Path | None) -> list[Finding]:
        """Against the weights in the graph and, for fp32, those it was exported from."""
        if dtype not in TOLERANCE or not is_ours(self.graph(dtype)):
            return []
        references = {"its own weights": read_onnx_model(self.directory, self.graph(dtype))}
        if dtype == "fp32" and source is not None and _is_ours(source):
            references["the trained weights"] = read_checkpoint(source)
        prompts = list(self.prompts.values())[:_REFERENCE_PROMPTS]
        found = []
        for name, weights in references.items():
            worst = largest_difference(self.graph(dtype), weights, prompts)
            good = worst <= TOLERANCE[dtype]
            message = f"logits against numpy with {name}: largest difference {worst:.1e}" + (
                "" if good else f", more than {TOLERANCE[dtype]:.0e}; export the model again"
            )
            found.append(Finding(dtype, "logits", "numpy", good, int(good), 1, message))
        return found

    def compare(self, dtype: str, engine: str, ours: Answers, theirs: Answers) -> list[Finding]:
        """An engine's prompts and answers beside onnxruntime's in Python."""
        prompts: list[Difference] = [
            {"id": name, "expected": ours[name].prompt_tokens, "got": theirs[name].prompt_tokens}
            for name in ours
            if theirs[name].prompt_tokens != ours[name].prompt_tokens
            or theirs[name].prompt not in (None, ours[name].prompt)
        ]
        found = [
            self._finding(
                dtype,
                "prompts",
                engine,
                prompts,
                "prompts of the same tokens",
                "the chat template or tokenizer.json reads differently there",
            )
        ]
        if dtype == "fp32":
            differing: list[Difference] = [
                {"id": name, "expected": ours[name].ids, "got": theirs[name].ids}
                for name in ours
                if theirs[name].ids != ours[name].ids
            ]
            hint = "the graph or the way it is fed differs; compare logits at the first difference"
            return [*found, self._finding(dtype, "tokens", engine, differing, "same tokens", hint)]
        names = [case.id for case in self.cases]
        return [*found, self._same_calls(dtype, engine, ours, theirs, names, 1.0)]

    def rounding(self, dtype: str, exact: Answers, ours: Answers, at_least: float) -> list[Finding]:
        """A precision's calls beside those of fp32, on the cases with tools."""
        names = [case.id for case in self.cases if case.tools and self.format]
        if not names:
            return []
        return [self._same_calls(dtype, "fp32", exact, ours, names, at_least)]

    def _same_calls(
        self,
        dtype: str,
        engine: str,
        ours: Answers,
        theirs: Answers,
        names: Sequence[str],
        at_least: float,
    ) -> Finding:
        differing: list[Difference] = []
        for name in names:
            expected, got = self._calls(ours[name].ids), self._calls(theirs[name].ids)
            if expected != got:
                differing.append({"id": name, "expected": expected, "got": got})
        what = "same calls" if self.format else "same answers"
        hint = (
            f"at least {at_least:.0%} are to be the same. Against fp32, finer blocks or training "
            "with rounding help; against an engine, look for another version of onnxruntime"
        )
        total = len(names)
        return self._finding(dtype, "calls", engine, differing, what, hint, total, at_least)

    def _calls(self, ids: list[int]) -> str:
        return calls_of(self._tokenizer.decode(ids, skip_special_tokens=False), self.format)

    def _finding(
        self,
        dtype: str,
        check: str,
        engine: str,
        differing: list[Difference],
        what: str,
        hint: str,
        total: int | None = None,
        at_least: float = 1.0,
    ) -> Finding:
        total = len(self.cases) if total is None else total
        right = total - len(differing)
        passed = right >= at_least * total
        message = f"{right} of {total} {what}" + ("" if passed else f": {hint}")
        return Finding(dtype, check, engine, passed, right, total, message, differing[:3])


def verify_model(
    directory: Path,
    dtypes: Sequence[str],
    cases: Sequence[Case],
    max_tokens: int,
    report: Report,
    *,
    source: Path | None = None,
    engines: Sequence[str] = NODE_ENGINES,
    at_least: float = 0.98,
) -> Verification:
    """Runs `cases` greedily in onnxruntime in Python and in `engines` in Node.

    In fp32 all must give the same tokens; in other precisions the same calls, and these
    must be fp32's calls in `at_least` of the cases with tools (where fp32 is verified too).
    Logits are held against numpy; `source` is the Hugging Face directory of the export.
    """
    verifier = _Verifier(directory, cases, max_tokens)
    findings: list[Finding] = []
    exact: Answers | None = None
    for dtype in sorted(dtypes, key=lambda name: name != "fp32"):
        report(f"{dtype}: onnxruntime in Python")
        findings += verifier.logits(dtype, source)
        ours = verifier.python(dtype)
        if dtype == "fp32":
            exact = ours
        elif exact is not None:
            findings += verifier.rounding(dtype, exact, ours, at_least)
        for engine in engines:
            report(f"{dtype}: {engine} in Node")
            try:
                theirs = verifier.node(engine, dtype)
            except EngineError as error:
                findings.append(Finding(dtype, "engine", engine, False, 0, len(cases), str(error)))
                continue
            findings += verifier.compare(dtype, engine, ours, theirs)
    return Verification(directory, findings)


def _is_ours(source: Path) -> bool:
    path = source / "config.json"
    if not (path.is_file() and (source / WEIGHTS).is_file()):
        return False
    return why_not_written(json.loads(path.read_text(encoding="utf-8"))) is None

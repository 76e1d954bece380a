"""Proof that every engine runs a model directory the same way."""

from __future__ import annotations

from edge_llm.verify.cases import Case, chat_cases, sample_cases
from edge_llm.verify.report import Finding, Verification
from edge_llm.verify.run import verify_model

__all__ = ["Case", "Finding", "Verification", "chat_cases", "sample_cases", "verify_model"]

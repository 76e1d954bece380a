"""The browser's SIMD core, run in Python: the same module, so the same bits."""

from edge_llm.simd.core_module import CoreModule, core_path
from edge_llm.simd.decoder import SimdDecoder
from edge_llm.simd.kv_pages import Sequence
from edge_llm.simd.plan_model import plan_model
from edge_llm.simd.unsupported import Unsupported

__all__ = ["CoreModule", "Sequence", "SimdDecoder", "Unsupported", "core_path", "plan_model"]

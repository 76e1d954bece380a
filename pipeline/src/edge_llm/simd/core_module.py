"""The compiled core in wasmtime: its exports, on a memory that the host owns."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import wasmtime

PAGE = 65536
_MOST_PAGES = 65536


def core_path() -> Path:
    """Where this package keeps the core, made by `node scripts/build-simd.mjs --pipeline`."""
    return Path(str(files("edge_llm.simd").joinpath("core.wasm")))


class CoreModule:
    """An instance of the core, on one thread, with its memory."""

    def __init__(self) -> None:
        engine = wasmtime.Engine()
        self.store = wasmtime.Store(engine)
        limits = wasmtime.Limits(2, _MOST_PAGES)
        self.memory = wasmtime.Memory(self.store, wasmtime.MemoryType(limits))
        # With one thread there is nobody to wait for.
        barrier = wasmtime.Func(self.store, wasmtime.FuncType([], []), lambda: None)
        module = wasmtime.Module(engine, core_path().read_bytes())
        given: dict[str, wasmtime.Memory | wasmtime.Func] = {
            "memory": self.memory,
            "barrier": barrier,
        }
        imports = [given[item.name or ""] for item in module.imports]
        self._exports = wasmtime.Instance(self.store, module, imports).exports(self.store)

    @property
    def numerics_version(self) -> int:
        """The module's `NUMERICS_VERSION`; see docs/simd-numerics.md."""
        exported = self._exports["NUMERICS_VERSION"]
        assert isinstance(exported, wasmtime.Global)
        return int(exported.value(self.store))

    def call(self, name: str, *arguments: int) -> int:
        """Calls an export. Addresses and sizes are unsigned; what returns nothing gives 0."""
        function = self._exports[name]
        assert isinstance(function, wasmtime.Func)
        result: Any = function(self.store, *(_signed(argument) for argument in arguments))
        return 0 if result is None else int(result) & 0xFFFFFFFF


def _signed(value: int) -> int:
    return value - (1 << 32) if value >= 1 << 31 else value

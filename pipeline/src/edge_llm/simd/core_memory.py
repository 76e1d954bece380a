"""The core's memory as an arena that only grows."""

from __future__ import annotations

import ctypes

import numpy as np
import wasmtime
from numpy.typing import NDArray

from edge_llm.simd.core_module import PAGE, CoreModule

# Bytes below are the module's own static data.
_START = PAGE
# Growing by larger steps wastes memory; by smaller ones it takes more calls.
_STEP = 16 * PAGE


class CoreMemory:
    """Room at addresses. Views of it end when it grows: take them anew for every use."""

    def __init__(self, core: CoreModule) -> None:
        self._core = core
        self._end = _START

    @property
    def byte_length(self) -> int:
        return int(self._core.memory.data_len(self._core.store))

    def allocate(self, size: int, align: int = 16) -> int:
        """Address of `size` zero bytes; `align` is a power of two.

        Raises MemoryError where the 4 GiB of a 32-bit memory, or the machine's, do not suffice.
        """
        address = -(-self._end // align) * align
        missing = address + size - self.byte_length
        if missing > 0:
            pages = -(-max(missing, _STEP) // PAGE)
            try:
                self._core.memory.grow(self._core.store, pages)
            except wasmtime.WasmtimeError as error:
                raise MemoryError(
                    f"the SIMD core needs {(address + size) >> 20} MiB, which cannot be had"
                ) from error
        self._end = address + size
        return address

    def put(self, data: bytes) -> int:
        """Address of a copy of bytes."""
        address = self.allocate(len(data))
        self.bytes(address, len(data))[:] = np.frombuffer(data, np.uint8)
        return address

    def bytes(self, address: int, length: int) -> NDArray[np.uint8]:
        """A view of bytes."""
        if address < 0 or address + length > self.byte_length:
            raise ValueError(f"bytes {address} to {address + length} are outside of the memory")
        start = self._core.memory.data_ptr(self._core.store)
        base = ctypes.addressof(start.contents)
        whole = (ctypes.c_uint8 * length).from_address(base + address)
        view: NDArray[np.uint8] = np.ctypeslib.as_array(whole)
        return view

    def floats(self, address: int, length: int) -> NDArray[np.float32]:
        """A view of float32."""
        return self.bytes(address, 4 * length).view("<f4")

    def integers(self, address: int, length: int) -> NDArray[np.int32]:
        """A view of int32."""
        return self.bytes(address, 4 * length).view("<i4")

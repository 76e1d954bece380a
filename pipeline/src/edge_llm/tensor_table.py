"""Where the weights lie in an `.onnx` file: what a loader would otherwise search for."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

# Field numbers of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
_GRAPH = 7
_INITIALIZER = 5
_DIMS, _TYPE, _NAME, _RAW = 1, 2, 8, 9

_Field = tuple[int, int, int]
"""Number, and begin and end of the content; of a number, the number itself and -1."""

Table = dict[str, list[int]]
"""`[offset, bytes, type, *shape]` by name; type is a `TensorProto.DataType`."""


def tensor_table(path: Path) -> Table | None:
    """The initializers of a graph, or None where not all of them lie in the file as raw bytes.

    Raises ValueError for what is not ONNX.
    """
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        table: Table = {}
        for number, begin, end in _fields(data, 0, len(data)):
            if number != _GRAPH:
                continue
            for part, start, stop in _fields(data, begin, end):
                if part != _INITIALIZER:
                    continue
                entry = _tensor(data, start, stop)
                if entry is None:
                    return None
                table |= entry
        return table


def _tensor(data: mmap.mmap, begin: int, end: int) -> Table | None:
    name, kind, place = "", 0, (0, 0)
    shape: list[int] = []
    for number, start, stop in _fields(data, begin, end):
        if number == _DIMS and stop < 0:
            shape.append(start)
        elif number == _TYPE:
            kind = start
        elif number == _NAME:
            name = data[start:stop].decode()
        elif number == _RAW:
            place = (start, stop - start)
    return {name: [*place, kind, *shape]} if place[0] else None


def _fields(data: mmap.mmap, at: int, end: int) -> Iterator[_Field]:
    while at < end:
        tag, at = _varint(data, at)
        match tag & 7:
            case 0:
                value, at = _varint(data, at)
                yield tag >> 3, value, -1
            case 1:
                at += 8
            case 2:
                length, at = _varint(data, at)
                if at + length > end:
                    raise ValueError("the file ends inside of a field")
                yield tag >> 3, at, at + length
                at += length
            case 5:
                at += 4
            case other:
                raise ValueError(f"there is no protobuf field of type {other}")


def _varint(data: mmap.mmap, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("the file ends inside of a number")

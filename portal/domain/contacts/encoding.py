"""Pages as bytes, little-endian, so that equal pages are equal bytes on every machine.

Three parts, read apart because most figures need only the first: the queue cells, the agent cells,
the values. A part is a header of unsigned 32-bit numbers and the arrays behind it.
"""

from collections.abc import Sequence
from struct import Struct

import numpy as np

from portal.domain.contacts.pages import (
    AGENT_COUNTS,
    COUNTS,
    Cells,
    Ints,
    Multiset,
    Page,
    Values,
)

_CELLS = Struct("<II")
_HEADER = np.dtype("<u4")
_INT = np.dtype("<i8")
_VALUE = np.dtype("<u4")


def encode_cells(cells: Cells) -> bytes:
    """Keys and counters."""
    header = np.array([len(cells.keys), cells.counts.shape[1]], _HEADER)
    return b"".join(
        (header.tobytes(), cells.keys.astype(_INT).tobytes(), cells.counts.astype(_INT).tobytes())
    )


def decode_cells(data: bytes, columns: int) -> Cells:
    """The cells; `columns` says how many counters an empty part has."""
    if not data:
        return Cells.empty(columns)
    length, width = _CELLS.unpack_from(data)
    numbers = np.frombuffer(data, _INT, length + length * width, 8)
    return Cells(numbers[:length], numbers[length:].reshape(length, width))


def decode_joined(parts: Sequence[bytes], columns: int) -> Cells:
    """The cells of several parts one after the other, none of them empty bytes."""
    width = 1 + columns
    keys, counts = [], []
    for data in parts:
        behind = _CELLS.size + (len(data) - _CELLS.size) // width
        keys.append(data[_CELLS.size : behind])
        counts.append(data[behind:])
    numbers = np.frombuffer(b"".join(counts), _INT)
    return Cells(np.frombuffer(b"".join(keys), _INT), numbers.reshape(-1, columns))


def encode_values(page: Page) -> bytes:
    """For each multiset its lengths by cell, then its values."""
    parts = [np.array([len(page.queues.keys)], _HEADER).tobytes()]
    parts.extend(page.lengths[kind].astype(_HEADER).tobytes() for kind in Multiset)
    parts.extend(page.values[kind].astype(_VALUE).tobytes() for kind in Multiset)
    return b"".join(parts)


def decode_values(data: bytes) -> tuple[Ints, tuple[Values, Values, Values]]:
    """The lengths (3, cells) and the values."""
    cells = int(np.frombuffer(data, _HEADER, 1)[0])
    kinds = len(Multiset)
    lengths = np.frombuffer(data, _HEADER, kinds * cells, 4).astype(np.int64).reshape(kinds, cells)
    values, position = [], 4 + 4 * kinds * cells
    for kind in Multiset:
        count = int(lengths[kind].sum())
        values.append(np.frombuffer(data, _VALUE, count, position))
        position += 4 * count
    return lengths, (values[0], values[1], values[2])


def encode(page: Page) -> tuple[bytes, bytes, bytes]:
    """Queue cells, agent cells, values; empty agent cells are no bytes at all."""
    agents = encode_cells(page.agents) if len(page.agents.keys) else b""
    return encode_cells(page.queues), agents, encode_values(page)


def decode(queues: bytes, agents: bytes, values: bytes) -> Page:
    """The page of its three parts."""
    lengths, multisets = decode_values(values)
    return Page(
        decode_cells(queues, COUNTS), decode_cells(agents, AGENT_COUNTS), lengths, multisets
    )

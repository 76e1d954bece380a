"""Which examples make up which optimizer step, the same for any number of processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

_SORTED_TOGETHER = 64
"""Batches' worth of examples that are sorted by length together: long enough for even batches,
short enough for the order to stay random."""


class BatchPlan:
    """Endless epochs of batches of example indices, fixed by the seed."""

    def __init__(self, lengths: Sequence[int], batch_tokens: int, seed: int) -> None:
        """Raises ValueError without examples."""
        if not lengths:
            raise ValueError("there is nothing to train on: no sample is left")
        self._lengths = np.asarray(lengths)
        self._tokens = batch_tokens
        self._seed = seed

    def epoch(self, number: int) -> list[list[int]]:
        """Batches of one pass over all examples, each sorted by length, longest first."""
        random = np.random.default_rng([self._seed, number])
        order = random.permutation(len(self._lengths))
        together = int(_SORTED_TOGETHER * max(1, self._tokens // self._lengths.mean()))
        batches: list[list[int]] = []
        for start in range(0, len(order), together):
            chunk = order[start : start + together]
            by_length = chunk[np.argsort(-self._lengths[chunk], kind="stable")]
            batches.extend(self.cut(by_length.tolist(), self._tokens))
        random.shuffle(batches)
        return batches

    def steps_per_epoch(self) -> int:
        return len(self.epoch(0))

    def from_step(self, step: int) -> Iterator[list[int]]:
        """All batches from an optimizer step on; later epochs have other batches."""
        number = 0
        while True:
            batches = self.epoch(number)
            yield from batches[step:]
            step = max(0, step - len(batches))
            number += 1

    def cut(self, indices: Sequence[int], tokens: int) -> list[list[int]]:
        """Cuts examples sorted longest first into groups that stay under `tokens` when padded.

        An example that is longer than `tokens` is a group of its own.
        """
        groups: list[list[int]] = []
        room = 0
        for index in indices:
            if room <= 0:
                groups.append([])
                room = max(1, tokens // int(self._lengths[index]))
            groups[-1].append(index)
            room -= 1
        return groups

    def share(self, batch: list[int], process: int, processes: int, tokens: int) -> list[list[int]]:
        """One process's part of a batch, cut into what it handles at once."""
        return self.cut(batch[process::processes], tokens)

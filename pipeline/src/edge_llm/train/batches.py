"""Which examples make up which optimizer step, the same for any number of processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np


class BatchPlan:
    """Endless epochs of batches of example indices, fixed by the seed.

    A batch is a random draw: batches of one length would be batches of one kind, too. To
    keep padding low, a batch is sorted and cut by length only after that.
    """

    def __init__(
        self, lengths: Sequence[int], batch_tokens: int, seed: int, launch_tokens: int = 4_096
    ) -> None:
        """`launch_tokens`: what one more pass costs, in tokens of padding.

        Raises ValueError without examples.
        """
        if not lengths:
            raise ValueError("there is nothing to train on: no sample is left")
        self._lengths = np.asarray(lengths)
        self._seed = seed
        self._launch_tokens = launch_tokens
        self.steps_per_epoch = max(1, round(int(self._lengths.sum()) / batch_tokens))

    def epoch(self, number: int) -> list[list[int]]:
        """Batches of one pass over all examples, of about equally many tokens."""
        random = np.random.default_rng([self._seed, number])
        order = random.permutation(len(self._lengths))
        ends = self._lengths[order].cumsum()
        total, steps = ends[-1], self.steps_per_epoch
        cuts = np.searchsorted(ends, total * np.arange(1, steps) / steps)
        return [part.tolist() for part in np.split(order, cuts) if len(part)]

    def from_step(self, step: int) -> Iterator[list[int]]:
        """All batches from an optimizer step on; later epochs have other batches."""
        number = 0
        while True:
            batches = self.epoch(number)
            yield from batches[step:]
            step = max(0, step - len(batches))
            number += 1

    def share(self, batch: list[int], process: int, processes: int, tokens: int) -> list[list[int]]:
        """One process's part of a batch, cut into what it handles at once."""
        by_length = sorted(batch, key=lambda index: (-self._lengths[index], index))
        return self.cut(by_length[process::processes], tokens)

    def cut(self, indices: list[int], tokens: int) -> list[list[int]]:
        """Cuts examples sorted longest first where padding and passes together cost least.

        Padded groups have `tokens` at most; a longer example is a group of its own.
        """
        count = len(indices)
        lengths = self._lengths[indices]
        # cost[i]: the least for the first i examples; start[i]: where their last group begins.
        cost = np.full(count + 1, np.inf)
        cost[0] = 0
        start = np.zeros(count + 1, np.int64)
        for first in range(count):
            room = max(1, tokens // int(lengths[first]))
            ends = np.arange(first + 1, min(count, first + room) + 1)
            through = cost[first] + self._launch_tokens + lengths[first] * (ends - first)
            better = through < cost[ends]
            cost[ends[better]] = through[better]
            start[ends[better]] = first
        groups: list[list[int]] = []
        end = count
        while end:
            groups.append(indices[start[end] : end])
            end = int(start[end])
        return groups[::-1]

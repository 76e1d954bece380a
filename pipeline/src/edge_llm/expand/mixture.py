"""Training samples: every kind in its share, each drawn from hand-written requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from edge_llm.expand import parallel, refusals
from edge_llm.expand.apps import App
from edge_llm.expand.company import (
    after_another,
    among_strangers,
    closing,
    with_company,
    with_system,
)
from edge_llm.expand.disguise import disguise
from edge_llm.expand.slots import ValuePool, find_slots, resaid, vary_values
from edge_llm.expand.words import misspell, polite
from edge_llm.samples import Sample

#: Recipes and how many samples in a hundred each makes. A kind's name alone draws a request as it
#: was written; `from-…` makes one out of a request that is called.
SHARES = {
    "single": 21.0,
    "several-tools": 13.0,
    "parallel": 9.0,
    "from-joined": 6.0,
    "from-repeated": 4.5,
    "from-one-fails": 1.5,
    "from-one-unwanted": 2.0,
    "missing-value": 6.0,
    "from-lacking": 3.0,
    "negation": 5.0,
    "from-negated": 4.0,
    "out-of-range": 5.0,
    "from-out-of-range": 4.5,
    "irrelevant": 4.5,
    "from-strangers": 4.0,
    "near-miss": 3.5,
    "follow-up": 3.0,
    "multi-step": 1.0,
    "result-to-answer": 1.5,
    "from-closing": 1.5,
    "chat": 1.5,
}


@dataclass(frozen=True)
class Disguises:
    """How freely tools are changed. An app's own tools stay as they are."""

    names: bool = True
    company: bool = True
    system: bool = True


class Mixture:
    """Draws samples. `others` lend distractors and values; deterministic for a seed."""

    def __init__(
        self,
        apps: Sequence[App],
        seed: int,
        others: Sequence[App] = (),
        disguises: Disguises | None = None,
        shares: dict[str, float] | None = None,
    ) -> None:
        self._random = Random(seed)
        self._apps = {app.name: app for app in apps}
        self._others = list(others or apps)
        self._pool = ValuePool([*apps, *others])
        self._disguises = disguises or Disguises()
        self._by_kind: dict[str, list[tuple[App, Sample]]] = defaultdict(list)
        self._bags: dict[str, list[tuple[App, Sample]]] = {}
        for app in apps:
            for request in app.requests:
                self._by_kind[request.kind].append((app, request))
        plain = [
            (app, sample)
            for kind in ("single", "several-tools")
            for app, sample in self._by_kind[kind]
            if len(sample.messages) == 1
        ]
        self._by_kind["plain"] = plain
        self._plain_of: dict[str, list[Sample]] = defaultdict(list)
        for app, sample in plain:
            self._plain_of[app.name].append(sample)
        possible = {
            recipe: share
            for recipe, share in (shares or SHARES).items()
            if self._by_kind["plain" if recipe.startswith("from-") else recipe]
        }
        self._recipes, self._weights = list(possible), list(possible.values())
        self._makers: dict[str, Callable[[App, Sample], Sample | None]] = {
            "from-joined": self._joined,
            "from-repeated": lambda _, s: parallel.repeated(s, self._pool, self._random),
            "from-one-fails": self._one_fails,
            "from-one-unwanted": self._one_unwanted,
            "from-lacking": lambda _, s: refusals.lacking(s, self._random),
            "from-negated": lambda _, s: refusals.negated(s, self._random),
            "from-out-of-range": lambda _, s: refusals.out_of_range(s, self._pool, self._random),
            "from-closing": lambda _, s: closing(s, self._random),
        }

    def draw(self, count: int) -> list[Sample]:
        samples: list[Sample] = []
        while len(samples) < count:
            recipe = self._random.choices(self._recipes, self._weights)[0]
            sample = self._make(recipe)
            if sample:
                samples.append(replace(sample, id=f"{sample.id}#{len(samples)}"))
        return samples

    def _make(self, recipe: str) -> Sample | None:
        derived = recipe.startswith("from-")
        app, original = self._next("plain" if derived else recipe)
        sample: Sample | None = vary_values(
            original, self._pool, self._random, self._random.choice((0, 0.5, 0.5, 1))
        )
        assert sample is not None
        if recipe == "from-strangers":
            others = [other for other in self._others if other.name != app.name]
            sample = among_strangers(sample, others, self._random) if others else None
            return None if sample is None else self._dress(sample, app)
        if derived:
            sample = self._makers[recipe](app, sample)
        if sample is None:
            return None
        return self._dress(self._surrounded(sample, app), app)

    def _next(self, kind: str) -> tuple[App, Sample]:
        """Every request once before any comes again."""
        bag = self._bags.get(kind)
        if not bag:
            bag = self._bags[kind] = list(self._by_kind[kind])
            self._random.shuffle(bag)
        return bag.pop()

    def _surrounded(self, sample: Sample, app: App) -> Sample:
        random = self._random
        if self._disguises.company:
            others = [other for other in self._others if other.name != app.name]
            sample = with_company(sample, app, others or [app], random)
        if (
            sample.messages[0].role == "user"
            and len(sample.messages) == 1
            and random.random() < 0.1
        ):
            earlier = random.choice(self._plain_of[app.name] or [sample])
            names = {tool.name for tool in sample.tools}
            if all(call.name in names for call in earlier.answer.calls) and earlier.id != sample.id:
                sample = after_another(sample, earlier, random)
        return sample

    def _dress(self, sample: Sample, app: App) -> Sample:
        random = self._random
        if sample.messages[-1].role == "user":
            sample = self._said_otherwise(sample)
        if self._disguises.system:
            sample = with_system(sample, app, random)
        return disguise(sample, random) if self._disguises.names else sample

    def _said_otherwise(self, sample: Sample) -> Sample:
        random, say = self._random, sample.messages[-1].content
        slots = find_slots(say, sample.answer.calls, sample.tools)
        values = [slot.said for slot in slots]
        if random.random() < 0.05:
            say = polite(say, random)
        if random.random() < 0.1:
            say = say.rstrip(".!")
        if random.random() < 0.06:
            say = misspell(say, values, random)
        if random.random() < 0.05 and not any(value.lower() != value for value in values):
            say = say.lower()
        return resaid(sample, say)

    def _joined(self, app: App, sample: Sample) -> Sample | None:
        more = self._random.choice((1, 1, 1, 2))
        picks = [self._varied(self._random.choice(self._plain_of[app.name])) for _ in range(more)]
        return parallel.joined([sample, *picks], self._random)

    def _one_fails(self, app: App, sample: Sample) -> Sample | None:
        kinds = ("out-of-range", "missing-value")
        fails = [r for r in app.requests if r.kind in kinds and len(r.messages) == 1]
        if not fails:
            return None
        return parallel.with_one_that_fails(sample, self._random.choice(fails), self._random)

    def _one_unwanted(self, app: App, sample: Sample) -> Sample | None:
        unwanted = self._varied(self._random.choice(self._plain_of[app.name]))
        return parallel.with_one_unwanted(sample, unwanted, self._random)

    def _varied(self, sample: Sample) -> Sample:
        return vary_values(sample, self._pool, self._random, 0.5)

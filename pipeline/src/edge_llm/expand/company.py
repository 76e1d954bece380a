"""Which tools stand beside the right one, and what was said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from edge_llm.expand.apps import App
from edge_llm.expand.words import content_words
from edge_llm.samples import Answer, Message, Sample, Tool, dump

_SYSTEMS = (
    "You are the assistant of this app: {about}",
    "You help the user with {about}",
    "{about}",
    "You are a helpful assistant. {about} Use the functions where they fit.",
    "Assistant for: {about}",
    "You are an assistant that calls functions. Ask when a value is missing.",
    "You are a helpful assistant.",
    "Be brief.",
)
_DONE = ("Done.", "That's done.", "All set.", "Okay, done.", "It's done.", "Sure, done.")
_FAILED = (
    "That did not work: {}.",
    "Sorry, it failed: {}.",
    "I couldn't do it: {}.",
)
_FAULTS = ("timeout", "not connected", "device offline", "permission denied", "not found", "busy")


def used_names(sample: Sample) -> set[str]:
    """Tools that the answer or the history calls."""
    calls = [*sample.answer.calls, *(call for m in sample.messages for call in m.calls)]
    return {call.name for call in calls} | {m.name for m in sample.messages if m.name}


def with_company(sample: Sample, app: App, others: Sequence[App], random: Random) -> Sample:
    """The right tools among some, all or more than the app's own."""
    used = used_names(sample)
    own = list(app.tools)
    wanting = not sample.answer.calls
    chance = random.random()
    if used and not wanting and chance < 0.27:
        tools = [tool for tool in own if tool.name in used]
    elif chance < (0.8 if wanting else 0.62):
        tools = own
    else:
        rest = [tool for tool in own if tool.name not in used]
        random.shuffle(rest)
        # A question for a missing value makes sense only beside the tool that needs it.
        kept = rest if wanting else rest[: random.randint(0, len(rest))]
        tools = [tool for tool in own if tool.name in used] + kept
        tools += strangers(sample, others, random, random.randint(1, 4))
    tools = list({tool.name: tool for tool in tools}.values())
    random.shuffle(tools)
    return replace(sample, tools=tuple(tools))


def strangers(sample: Sample, others: Sequence[App], random: Random, count: int) -> list[Tool]:
    """Tools of other apps that have no word in common with the request."""
    said = content_words(" ".join(message.content for message in sample.messages))
    for tool in sample.tools:
        if tool.name in used_names(sample):
            said |= content_words(f"{tool.name} {tool.description}".replace("_", " "))
    found: list[Tool] = []
    for _ in range(count * 4):
        tool = random.choice(random.choice(others).tools)
        if not said & content_words(f"{tool.name} {tool.description}".replace("_", " ")):
            found.append(tool)
        if len(found) == count:
            break
    return found


def among_strangers(sample: Sample, others: Sequence[App], random: Random) -> Sample | None:
    """A request that none of the tools at hand can serve."""
    if len(sample.messages) > 1:
        return None
    app = random.choice(others)
    tools = strangers(sample, [app], random, random.choice((1, 1, 2, 3, 4, 5, 6)))
    if random.random() < 0.4:
        tools += strangers(sample, others, random, random.choice((1, 2, 3)))
    tools = list({tool.name: tool for tool in tools}.values())
    if not tools:
        return None
    return replace(
        sample, kind="irrelevant", tools=tuple(tools), answer=Answer((), _refusal(tools, random))
    )


def _refusal(tools: Sequence[Tool], random: Random) -> str:
    can = [tool.name.replace("_", " ").replace(".", " ") for tool in tools[:3]]
    listed = ", ".join(can[:-1]) + (" or " if len(can) > 1 else "") + can[-1]
    return random.choice(
        (
            f"I can't do that here. I can help with: {listed}.",
            f"That is not something I can do; I can {listed}.",
            "Sorry, none of my functions can do that.",
            f"I have no function for that. What I have: {listed}.",
            "I'm not able to help with that here.",
        )
    )


def with_system(sample: Sample, app: App, random: Random) -> Sample:
    """Often nothing, as most apps say nothing; else one of several ways to introduce the app."""
    if sample.messages and sample.messages[0].role == "system":
        if random.random() < 0.7:
            return sample
        about = random.choice(_SYSTEMS).format(about=app.about)
        first = Message("system", f"{about}\n{sample.messages[0].content}")
        return replace(sample, messages=(first, *sample.messages[1:]))
    if random.random() < 0.6:
        return sample
    about = random.choice(_SYSTEMS).format(about=app.about)
    return replace(sample, messages=(Message("system", about), *sample.messages))


def after_another(sample: Sample, earlier: Sample, random: Random) -> Sample:
    """The request as a later one of a conversation."""
    if not sample.messages or sample.messages[0].role == "system" or len(earlier.messages) != 1:
        return sample
    return replace(sample, messages=(*_exchange(earlier, random), *sample.messages))


def closing(sample: Sample, random: Random) -> Sample:
    """What to say once the calls were carried out, or failed."""
    messages = _exchange(sample, random)
    return replace(
        sample,
        kind="result-to-answer",
        messages=messages[:-1],
        answer=Answer((), messages[-1].content),
    )


def _exchange(sample: Sample, random: Random) -> tuple[Message, ...]:
    said, calls = sample.messages[-1:], sample.answer.calls
    if not calls:
        return (*said, Message("assistant", sample.answer.text))
    fault = random.choice(_FAULTS) if random.random() < 0.15 else None
    results: list[Message] = []
    for call in calls:
        value: object = random.choice(
            ({"ok": True}, {"success": True}, {"status": "ok", **call.arguments}, "ok")
        )
        results.append(Message("tool", dump({"error": fault} if fault else value), (), call.name))
    words = random.choice(_FAILED).format(fault) if fault else random.choice(_DONE)
    return (*said, Message("assistant", "", calls), *results, Message("assistant", words))

"""ChatML with JSON calls between tags: Nous Hermes, Qwen 2.5 and 3, and our function-caller.

Tools are listed in a short form (no wrapper, properties instead of the whole schema): what a
model is tuned on needs no instructions, and every token of a prompt costs a phone time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from edge_llm.formats.base import Parsed, tool_texts
from edge_llm.samples import Answer, Call, Message, Tool, dump

# What SmolLM2 was trained to see where an app says nothing.
_DEFAULT_SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
_END = "<|im_end|>"


class Hermes:
    name = "hermes"
    call_opening = "<tool_call>"
    end_token = _END

    @property
    def renamed_tokens(self) -> Mapping[str, str]:
        return {
            "<repo_name>": "<tool_call>",
            "<reponame>": "</tool_call>",
            "<file_sep>": "<tools>",
            "<filename>": "</tools>",
            "<gh_stars>": "<tool_response>",
            "<issue_start>": "</tool_response>",
        }

    @property
    def chat_template(self) -> str:
        return _TEMPLATE

    def prompt(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool],
        written: dict[int, str] | None = None,
    ) -> str:
        system = messages[0].content if messages and messages[0].role == "system" else None
        rest = messages[1:] if system is not None else messages
        parts = [_turn("system", _system_text(system, tool_texts(tools, _tool_text, written)))]
        results: list[str] = []
        for message in rest:
            if message.role == "tool":
                results.append(f"<tool_response>\n{message.content}\n</tool_response>")
                continue
            parts += _results_turn(results)
            results = []
            content = message.content
            if message.calls:
                calls = _calls_text(message.calls)
                content = f"{content}\n{calls}" if content else calls
            parts.append(_turn(message.role, content))
        parts += _results_turn(results)
        return "".join(parts) + "<|im_start|>assistant\n"

    def answer(self, answer: Answer) -> str:
        return (_calls_text(answer.calls) if answer.calls else answer.text) + _END

    def parse(self, text: str) -> Parsed:
        text = text.split(_END)[0]
        calls: list[Call] = []
        words: list[str] = []
        malformed = None
        first, *blocks = text.split(self.call_opening)
        words.append(first)
        for block in blocks:
            body, closed, after = block.partition("</tool_call>")
            words.append(after)
            try:
                value = json.loads(body)
            except ValueError:
                malformed = f"not JSON: {body.strip()!r}" if closed else "the call is cut off"
                continue
            if _is_call(value):
                calls.append(Call(value["name"], value["arguments"]))
            else:
                malformed = f"no call: {body.strip()!r}"
        return Parsed(tuple(calls), "".join(words).strip(), malformed)


def _is_call(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("name"), str)
        and isinstance(value.get("arguments"), dict)
    )


def _turn(role: str, content: str) -> str:
    return f"<|im_start|>{role}\n{content}{_END}\n"


def _results_turn(results: list[str]) -> list[str]:
    return [_turn("user", "\n".join(results))] if results else []


def _system_text(system: str | None, tools: Sequence[str]) -> str:
    if not tools:
        return _DEFAULT_SYSTEM if system is None else system
    listed = "".join(f"{tool}\n" for tool in tools)
    head = f"{system}\n\n" if system else ""
    return f"{head}<tools>\n{listed}</tools>"


def _tool_text(tool: Tool) -> str:
    parts = [f'"name": {dump(tool.name)}']
    if tool.description:
        parts.append(f'"description": {dump(tool.description)}')
    parts.append(f'"parameters": {dump(tool.parameters.get("properties", {}))}')
    if tool.parameters.get("required"):
        parts.append(f'"required": {dump(tool.parameters["required"])}')
    return "{" + ", ".join(parts) + "}"


def _calls_text(calls: Sequence[Call]) -> str:
    return "\n".join(f"<tool_call>\n{_call_text(call)}\n</tool_call>" for call in calls)


def _call_text(call: Call) -> str:
    return f'{{"name": {dump(call.name)}, "arguments": {dump(call.arguments)}}}'


_TEMPLATE = (
    """\
{%- if messages[0].role == 'system' %}
    {%- set system = messages[0].content %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set system = '' if tools else '"""
    + _DEFAULT_SYSTEM
    + """' %}
    {%- set rest = messages %}
{%- endif %}
{{- '<|im_start|>system\\n' + system }}
{%- if tools %}
    {{- '\\n\\n<tools>\\n' if system else '<tools>\\n' }}
    {%- for tool in tools %}
        {%- set spec = tool.function if tool.function else tool %}
        {{- '{"name": ' + spec.name | tojson }}
        {%- if spec.description %}
            {{- ', "description": ' + spec.description | tojson }}
        {%- endif %}
        {%- if spec.parameters and spec.parameters.properties %}
            {{- ', "parameters": ' + spec.parameters.properties | tojson }}
        {%- else %}
            {{- ', "parameters": {}' }}
        {%- endif %}
        {%- if spec.parameters and spec.parameters.required %}
            {{- ', "required": ' + spec.parameters.required | tojson }}
        {%- endif %}
        {{- '}\\n' }}
    {%- endfor %}
    {{- '</tools>' }}
{%- endif %}
{{- '<|im_end|>\\n' }}
{%- for message in rest %}
    {%- if message.role == 'tool' %}
        {%- if loop.first or rest[loop.index0 - 1].role != 'tool' %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}
        {%- if loop.last or rest[loop.index0 + 1].role != 'tool' %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- else %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content }}
        {%- if message.tool_calls %}
            {%- for tool_call in message.tool_calls %}
                {%- set call = tool_call.function if tool_call.function else tool_call %}
                {{- '\\n' if message.content or not loop.first else '' }}
                {{- '<tool_call>\\n' }}
                {{- '{"name": ' + call.name | tojson + ', "arguments": ' }}
                {{- call.arguments if call.arguments is string else call.arguments | tojson }}
                {{- '}\\n</tool_call>' }}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
)

"""Small charts as SVG text. Colours are the page's custom properties, so they follow its theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 32, 40
_HEADING = 16
"""Where the legend and the name of the upward axis stand."""


@dataclass(frozen=True)
class Line:
    label: str
    points: Points
    colour: str
    """Name of a custom property of the page, such as `--first`."""
    dashed: bool = False


def line_chart(
    title: str,
    lines: Sequence[Line],
    x_label: str,
    y_label: str,
    y_range: tuple[float, float] | None = None,
    x_range: tuple[float, float] | None = None,
) -> str:
    """A chart with axes, ticks and a legend; `title` is what screen readers say."""
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    x_low, x_high = x_range or _spread(min(xs), max(xs))
    y_low, y_high = y_range or _spread(min(0.0, *ys), max(ys))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - x_low) / (x_high - x_low)
        up = (y - y_low) / (y_high - y_low)
        return (
            _LEFT + across * (_WIDTH - _LEFT - _RIGHT),
            _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM),
        )

    parts = [_open(title, _HEIGHT)]
    for index in range(5):
        y = y_low + (y_high - y_low) * index / 4
        left, height = place(x_low, y)
        parts.append(
            f'<line class="grid" x1="{left:.1f}" x2="{_WIDTH - _RIGHT}" y1="{height:.1f}" '
            f'y2="{height:.1f}"/>' + _text(left - 6, height + 4, _number(y), "end")
        )
        x = x_low + (x_high - x_low) * index / 4
        parts.append(_text(place(x, y_low)[0], _HEIGHT - _BOTTOM + 16, _number(x), "middle"))
    for line in lines:
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in (place(x, y) for x, y in line.points))
        dash = ' stroke-dasharray="5 4"' if line.dashed else ""
        parts.append(
            f'<polyline fill="none" stroke="var({line.colour})" stroke-width="2"{dash} '
            f'points="{path}"/>'
        )
        if len(line.points) == 1:
            a, b = place(*line.points[0])
            parts.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="var({line.colour})"/>')
    parts.append(_text((_LEFT + _WIDTH) / 2, _HEIGHT - 6, x_label, "middle"))
    parts.append(_text(8, _HEADING, y_label, "start"))
    parts.append(_legend([(line.label, line.colour) for line in lines], _HEADING))
    return "".join(parts) + "</svg>"


def bar_chart(title: str, rows: Sequence[tuple[str, float | None, float]]) -> str:
    """Two bars a row, before and after, both shares from 0 to 1."""
    left, step = 160, 34
    height = step * len(rows) + 30
    parts = [_open(title, height)]
    for index, (label, before, after) in enumerate(rows):
        top = 22 + index * step
        parts.append(_text(left - 8, top + 17, label, "end"))
        for offset, share, colour in ((0, before, "--second"), (13, after, "--first")):
            if share is None:
                continue
            width = share * (_WIDTH - left - 60)
            parts.append(
                f'<rect x="{left}" y="{top + offset}" width="{max(width, 1):.1f}" height="11" '
                f'fill="var({colour})"/>'
                + _text(left + width + 5, top + offset + 10, f"{share:.0%}", "start")
            )
    parts.append(_legend([("before", "--second"), ("after", "--first")], 12))
    return "".join(parts) + "</svg>"


def _open(title: str, height: int) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>'
    )


def _legend(entries: Sequence[tuple[str, str]], top: int) -> str:
    parts, right = [], float(_WIDTH - _RIGHT)
    for label, colour in reversed(entries):
        parts.append(_text(right, top, label, "end"))
        right -= 7.0 * len(label) + 16
        parts.append(
            f'<rect x="{right:.1f}" y="{top - 9}" width="10" height="10" fill="var({colour})"/>'
        )
        right -= 14
    return "".join(parts)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _spread(low: float, high: float) -> tuple[float, float]:
    return (low, high) if high > low else (low, low + 1)


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 20 or value == int(value) else f"{value:.2g}"

"""How does the comparison look? Bars in an SVG picture, without a library."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_WIDTH, _LEFT, _BAR, _GAP, _HEAD = 760, 190, 18, 6, 34
_OURS, _OTHERS = "#2f6f4f", "#9aa5ad"
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2933}.name{text-anchor:end}.head{font-weight:600}"
    "@media(prefers-color-scheme:dark){text{fill:#e4e7eb}}"
)


def bars(groups: Mapping[str, Sequence[tuple[str, float]]], unit: str) -> str:
    """Return a picture: a group of bars each, and in it a bar for each name, as long as its value.

    Each group has a scale of its own: its longest bar takes the whole width. What is ours is named so.
    """
    parts: list[str] = []
    top = 0
    for title, values in groups.items():
        parts.append(_text(0, top + 20, title, "head"))
        top += _HEAD
        most = max(value for _, value in values)
        for name, value in values:
            length = max(1, round((_WIDTH - _LEFT - 90) * value / most))
            color = _OURS if name.startswith("ours") else _OTHERS
            parts += [
                _text(_LEFT - 8, top + 14, name, "name"),
                f'<rect x="{_LEFT}" y="{top}" width="{length}" height="{_BAR}" rx="2" fill="{color}"/>',
                _text(_LEFT + length + 6, top + 14, f"{value:,.1f} {unit}"),
            ]
            top += _BAR + _GAP
        top += _GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}" role="img">'
    )
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>", ""])


def _text(x: int, y: int, text: str, kind: str = "") -> str:
    """Return a text at a place."""
    given = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{given}>{escape(text)}</text>'

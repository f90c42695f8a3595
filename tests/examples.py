"""Which operations and commands do the pages show, and is what follows each of them its answer?

A page is played from its top to its end. A block of GraphQL is sent, with the key of the role that its first
line names (``graphql PARTNER``), and the block of JSON behind it is the answer; a block of shell is run, and
the block of text behind it is what it prints. Ids differ from run to run: the first time that a page shows
one it stands for the id that came in its place, and means it from there on. Text that ends in an ellipsis
stands in the same way for a cursor or a token.
"""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGES: Mapping[str, Path] = {"README": ROOT / "README.md"} | {
    file.stem: file for file in sorted((ROOT / "graphql_api" / "docs").glob("*.md"))
}
NOWHERE = "…"
_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_ID = re.compile(r"\b([a-z]+(?:_[a-z]+)*)_[0-7][0-9a-hjkmnp-tv-z]{25}\b")
# The body of the ids that a refreshed page shows; two digits that count them follow.
_SHOWN_ID = "01jz8k4m5n6p7q8r9s0t1v2w"
# What an answer has and a page may leave out.
_OPTIONAL = frozenset({"locations", "requestId"})
_WIDTH = 100


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the rest of its first line, and where it stands in the page."""

    language: str
    words: tuple[str, ...]
    text: str
    start: int
    end: int


def blocks(page: str) -> list[Block]:
    """Return the fenced blocks of a page in order."""
    return [
        Block(found[1], tuple(found[2].split()), found[3], found.start(3), found.end(3))
        for found in _FENCE.finditer(page)
    ]


def followed(page: str) -> Iterator[tuple[Block, Block | None]]:
    """Return each block with the block of its answer, where the next one is that."""
    answers = {"graphql": {"json"}, "sh": {"json", "text"}}
    for one, after in itertools.pairwise([*blocks(page), None]):
        if one is not None:
            is_answer = after is not None and after.language in answers.get(one.language, ())
            yield one, after if is_answer else None


def lines(shell: str) -> list[str]:
    """Return the commands of a block of shell, each on one line, without comments."""
    joined = shell.replace("\\\n", " ")
    return [line for line in map(str.strip, joined.splitlines()) if line and not line.startswith("#")]


@dataclass
class Likeness:
    """What a page's ids and ellipses stand for in this run."""

    real: dict[str, str] = field(default_factory=dict)

    def meant(self, text: str) -> str:
        """Return a text of the page with what it means in this run."""
        for shown, real in self.real.items():
            text = text.replace(shown, real)
        return text

    def differences(self, shown: Any, found: Any, place: str = "answer") -> list[str]:
        """Return where an answer is not what the page shows, and learn what its ids stand for."""
        if isinstance(shown, dict) and isinstance(found, dict):
            missing = shown.keys() - found.keys() | found.keys() - shown.keys() - _OPTIONAL
            if missing:
                return [f"{place}: only one of the two has {', '.join(sorted(missing))}"]
            return [
                each for key in shown for each in self.differences(shown[key], found[key], f"{place}.{key}")
            ]
        if isinstance(shown, list) and isinstance(found, list) and len(shown) == len(found):
            return [
                each
                for index, pair in enumerate(zip(shown, found, strict=True))
                for each in self.differences(*pair, f"{place}[{index}]")
            ]
        if isinstance(shown, str) and isinstance(found, str) and self._stands_for(shown, found):
            return []
        return [] if shown == found else [f"{place}: the page shows {shown!r}, the answer is {found!r}"]

    def written(self, found: Any) -> str:
        """Return the JSON of an answer for a page, with the ids that the page uses."""
        return _json(self._drawn(found)) + "\n"

    def _stands_for(self, shown: str, found: str) -> bool:
        """Say whether a text of the page may stand for one of the answer, and does so from now on."""
        if shown == NOWHERE:
            return True
        if not shown.endswith(NOWHERE):
            kinds = [(match[1], match.start()) for match in _ID.finditer(shown)]
            if not kinds or kinds != [(match[1], match.start()) for match in _ID.finditer(found)]:
                return False
            pairs = zip(_ID.finditer(shown), _ID.finditer(found), strict=True)
            is_meant = all(self.real.setdefault(ours[0], theirs[0]) == theirs[0] for ours, theirs in pairs)
            return is_meant and self.meant(shown) == found
        return self.real.setdefault(shown, found) == found

    def _drawn(self, found: Any, key: str = "") -> Any:
        """Return an answer as a page shows it."""
        if isinstance(found, dict):
            return {name: self._drawn(each, name) for name, each in found.items() if name not in _OPTIONAL}
        if isinstance(found, list):
            return [self._drawn(each, key) for each in found]
        if not isinstance(found, str):
            return found
        if key.lower().endswith("cursor"):
            return self._name(found, "cursor-{}" + NOWHERE)
        if key in {"token", "secret"}:
            return NOWHERE
        return _ID.sub(lambda match: self._name(match[0], f"{match[1]}_{_SHOWN_ID}{{:0>2}}"), found)

    def _name(self, found: str, form: str) -> str:
        """Return the text that stands for an id or a cursor, a new one where there is none."""
        known = {real: shown for shown, real in self.real.items()}
        if found not in known:
            free = (form.format(number) for number in itertools.count(1))
            known[found] = next(each for each in free if each not in self.real)
            self.real[known[found]] = found
        return known[found]


def _json(value: Any, indent: int = 0, before: int = 0) -> str:
    """Return JSON as people write it: on one line what fits on one, with what stands ``before`` it."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + indent + before <= _WIDTH or not isinstance(value, dict | list) or not value:
        return line
    pad = " " * (indent + 2)
    items = (
        [f'"{key}": {_json(each, indent + 2, len(key) + 4)}' for key, each in value.items()]
        if isinstance(value, dict)
        else [_json(each, indent + 2) for each in value]
    )
    start, end = "{}" if isinstance(value, dict) else "[]"
    return f"{start}\n{pad}" + f",\n{pad}".join(items) + f"\n{' ' * indent}{end}"

"""How did a price come about? Ordered steps: inputs, rule, output, and what rounding did."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from models.money import plain, round_to

# The exact value of a step may have no end: what rounding did is told to this many places.
TRACE_PLACES = 12


class Rule(StrEnum):
    """What a step does with its inputs."""

    LIST_PRICE = "LIST_PRICE"
    CURRENCY_AMOUNT = "CURRENCY_AMOUNT"
    PERCENT_OF_LIST = "PERCENT_OF_LIST"
    PERCENT_MARKUP = "PERCENT_MARKUP"
    PERCENT_MARGIN = "PERCENT_MARGIN"
    ROUNDING_POLICY = "ROUNDING_POLICY"
    VOLUME_PERCENT = "VOLUME_PERCENT"
    VOLUME_AMOUNT = "VOLUME_AMOUNT"
    TYPED_PRICE = "TYPED_PRICE"
    BASE_AMOUNT = "BASE_AMOUNT"
    MANUAL_DISCOUNT = "MANUAL_DISCOUNT"
    NET_AMOUNT = "NET_AMOUNT"
    LINE_TOTAL = "LINE_TOTAL"
    PERCENT_DISCOUNT = "PERCENT_DISCOUNT"
    DISCOUNT_TOTAL = "DISCOUNT_TOTAL"
    DISCOUNT_SHARE = "DISCOUNT_SHARE"
    TAX = "TAX"
    TAX_INCLUDED = "TAX_INCLUDED"
    TAX_TYPED = "TAX_TYPED"
    TAX_TOTAL = "TAX_TOTAL"
    EXTENDED_AMOUNT = "EXTENDED_AMOUNT"
    TOTAL = "TOTAL"


@dataclass(frozen=True)
class Input:
    """A figure that goes into a step, by name."""

    name: str
    value: Decimal


@dataclass(frozen=True)
class Step:
    """One step. ``rounding`` is the output less the exact value; ``subject`` is for example a tax's code."""

    rule: Rule
    inputs: tuple[Input, ...]
    output: Decimal
    rounding: Decimal = Decimal(0)
    subject: str = ""


def step(
    rule: Rule,
    inputs: Mapping[str, Decimal],
    output: Decimal,
    exact: Decimal | None = None,
    *,
    subject: str = "",
) -> Step:
    """Return a step with its rounding difference, which is zero where no exact value is given."""
    difference = Decimal(0) if exact is None else round_to(output - exact, TRACE_PLACES)
    named = tuple(Input(name, value) for name, value in inputs.items())
    return Step(rule, named, output, difference, subject)


def as_json(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Return steps as a line keeps them: plain texts and lists, the same on both engines."""
    return [
        {
            "rule": str(each.rule),
            "inputs": [[given.name, plain(given.value)] for given in each.inputs],
            "output": plain(each.output),
            "rounding": plain(each.rounding),
            "subject": each.subject,
        }
        for each in steps
    ]


def from_json(kept: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Return the steps that a line has kept."""
    return tuple(
        Step(
            Rule(each["rule"]),
            tuple(Input(name, Decimal(value)) for name, value in each["inputs"]),
            Decimal(each["output"]),
            Decimal(each["rounding"]),
            each["subject"],
        )
        for each in kept
    )

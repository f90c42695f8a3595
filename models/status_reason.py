"""How does a company put its own reasons, and its own words, to the states of the process?

States are closed: no command adds one. A reason of its own is added where people choose a reason; what the
process does by itself with a record, it does for all kinds of a reason alike.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from sqlmodel import col, func, select

from models.errors import Blocker, Invalid
from models.lifecycle import KEEP, Change, Kept, Seen, guard, kept, transition
from models.status import StatusReason, StatusReasonStatus

_CODE = re.compile(r"[A-Z][A-Z0-9_]*")
# RFC 5646, 2.1, as far as people use it: a language, and a script or a region.
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_LONGEST_LABEL = 80


class ReasonPlace(StrEnum):
    """Where a company may add reasons: a state that people give a reason for."""

    LEAD_NURTURING = "LEAD_NURTURING"
    LEAD_DISQUALIFIED = "LEAD_DISQUALIFIED"
    OPPORTUNITY_ON_HOLD = "OPPORTUNITY_ON_HOLD"
    OPPORTUNITY_WON = "OPPORTUNITY_WON"
    OPPORTUNITY_LOST = "OPPORTUNITY_LOST"
    QUOTE_LOST = "QUOTE_LOST"
    QUOTE_CANCELED = "QUOTE_CANCELED"
    ORDER_CANCELED = "ORDER_CANCELED"
    CREDIT_NOTE_ISSUED = "CREDIT_NOTE_ISSUED"


# Noun and state, and the reason of the process that those of the company are kinds of, where it acts on it.
_PLACES: dict[ReasonPlace, tuple[str, str, str | None]] = {
    ReasonPlace.LEAD_NURTURING: ("lead", "OPEN", "NURTURING"),
    ReasonPlace.LEAD_DISQUALIFIED: ("lead", "DISQUALIFIED", None),
    ReasonPlace.OPPORTUNITY_ON_HOLD: ("opportunity", "OPEN", "ON_HOLD"),
    ReasonPlace.OPPORTUNITY_WON: ("opportunity", "WON", "WON"),
    ReasonPlace.OPPORTUNITY_LOST: ("opportunity", "LOST", None),
    ReasonPlace.QUOTE_LOST: ("quote", "CLOSED", "LOST"),
    ReasonPlace.QUOTE_CANCELED: ("quote", "CLOSED", "CANCELED"),
    ReasonPlace.ORDER_CANCELED: ("order", "CANCELED", None),
    ReasonPlace.CREDIT_NOTE_ISSUED: ("credit_note", "ISSUED", None),
}


@dataclass
class ReasonWording:
    """What a reason is called in a language."""

    language: Annotated[str, "Code of the language (RFC 5646), for example de or pt-BR; each once."]
    label: Annotated[str, "The reason in that language."]


Label = "The reason in the company's words."
Wordings = "The label in other languages, all of them."


@transition(StatusReason, event="status_reason.added")
def add_status_reason(
    change: Change,
    *,
    place: Annotated[ReasonPlace, "Which state it is a reason of."],
    code: Annotated[
        str, "Stable code in capitals, for example NO_BUDGET; unique among the reasons of the state."
    ],
    label: Annotated[str, Label],
    wordings: Annotated[list[ReasonWording] | None, Wordings] = None,
) -> StatusReason:
    """Add a reason of the company's own to a state (Dataverse: InsertStatusValue).

    Commands that ask for a reason of the state take it from now on.
    """
    if not _CODE.fullmatch(code):
        message = f"{code!r} is not a code; codes are capitals, digits and _, for example NO_BUDGET."
        raise Invalid(message, path=("input", "code"))
    noun, status, kind = _PLACES[place]
    state = (StatusReason.of_record == noun) & (StatusReason.of_status == status)
    if change.session.exec(select(StatusReason.id).where(state, StatusReason.code == code)).first():
        message = (
            f"{noun} {status} has a reason {code} already; activateStatusReason brings an inactive one back."
        )
        raise Invalid(message, path=("input", "code"), code="CODE_TAKEN")
    last = change.session.exec(select(func.max(StatusReason.position)).where(state)).one()
    return change.add(
        change.new(
            StatusReason,
            key=".".join(filter(None, (noun, status, kind, code))),
            of_record=noun,
            of_status=status,
            code=code,
            process_code=kind,
            label=_require_label(label, "label"),
            wordings=_worded(wordings or []),
            position=1 + last,
            is_chosen=True,
        ),
        status=StatusReasonStatus.ACTIVE,
        reason="ACTIVE",
    )


@transition(StatusReason, event="status_reason.updated", sources=tuple(StatusReasonStatus))
def update_status_reason(
    change: Change,
    reason: StatusReason,
    *,
    label: Annotated[str | Kept, Label] = KEEP,
    wordings: Annotated[list[ReasonWording] | Kept, Wordings] = KEEP,
    is_default: Annotated[
        bool | Kept,
        "true: it is taken where people who choose a reason of the state name none, and no other; "
        "false: they have to name one, or get that of the process.",
    ] = KEEP,
) -> None:
    """Change the words of a reason, or make it the default of its state. Its code and state stay."""
    reason.label = _require_label(kept(label, reason.label), "label")
    if not isinstance(wordings, Kept):
        reason.wordings = _worded(wordings)
    if isinstance(is_default, Kept) or is_default == reason.is_default:
        return
    if is_default:
        _require_choosable(change, reason)
        state = (StatusReason.of_record == reason.of_record) & (StatusReason.of_status == reason.of_status)
        for other in change.session.exec(select(StatusReason).where(state, col(StatusReason.is_default))):
            other.is_default = False
        # The old default has to be gone from the database before there may be a new one.
        change.flush()
    reason.is_default = is_default


@guard("REASON_OF_PROCESS", "is_of_process", "code", "of_record", "of_status")
def is_of_the_company(seen: Seen) -> str | None:
    """The process does without the reason."""
    if not seen.is_of_process:
        return None
    return (
        f"{seen.code} of {seen.of_record} {seen.of_status} is given by commands of the process, which cannot "
        "do without it: updateStatusReason changes its words."
    )


@guard("REASON_IS_DEFAULT", "is_default", "code", "of_record", "of_status")
def is_not_default(seen: Seen) -> str | None:
    """The reason is not the default of its state."""
    if not seen.is_default:
        return None
    return (
        f"{seen.code} is the default of {seen.of_record} {seen.of_status}: updateStatusReason makes another "
        "reason the default first, or none."
    )


@transition(
    StatusReason,
    event="status_reason.deactivated",
    sources=(StatusReasonStatus.ACTIVE,),
    target=StatusReasonStatus.INACTIVE,
    reason="INACTIVE",
    guards=(is_of_the_company, is_not_default),
    again=(StatusReasonStatus.INACTIVE,),
)
def deactivate_status_reason(change: Change, reason: StatusReason) -> None:
    """Let no further record be given a reason. Those that have it keep it."""
    del change, reason


@transition(
    StatusReason,
    event="status_reason.activated",
    sources=(StatusReasonStatus.INACTIVE,),
    target=StatusReasonStatus.ACTIVE,
    reason="ACTIVE",
    again=(StatusReasonStatus.ACTIVE,),
)
def activate_status_reason(change: Change, reason: StatusReason) -> None:
    """Let records be given a reason again."""
    del change, reason


def _require_choosable(change: Change, reason: StatusReason) -> None:
    """Refuse a default that nobody could choose."""
    path = ("input", "isDefault")
    if not reason.is_chosen:
        message = f"{reason.code} is given by the process alone: people cannot choose it."
        change.refuse(Blocker("REASON_OF_PROCESS", message, path))
    if reason.status is not StatusReasonStatus.ACTIVE:
        message = f"{reason.code} is {reason.status}: activateStatusReason lets records be given it."
        change.refuse(Blocker("REASON_INACTIVE", message, path))


def _worded(wordings: list[ReasonWording]) -> list[dict[str, str]]:
    """Return wordings as they are stored: by their languages.

    Raises:
        Invalid: a language is not a code of one, or comes twice; a label is empty.
    """
    found: dict[str, str] = {}
    for at, each in enumerate(wordings):
        if not _LANGUAGE.fullmatch(each.language) or each.language in found:
            why = "is there already" if each.language in found else "is no language; pass de or pt-BR"
            message = f"{each.language!r} {why}."
            raise Invalid(message, path=("input", "wordings", at, "language"))
        found[each.language] = _require_label(each.label, "wordings", at, "label")
    return [{"language": language, "label": found[language]} for language in sorted(found)]


def _require_label(label: str, *path: str | int) -> str:
    """Return a label after checking that there is one that fits.

    Raises:
        Invalid: it is empty, or longer than people read.
    """
    if not 0 < len(label) <= _LONGEST_LABEL:
        message = f"A label has 1 to {_LONGEST_LABEL} characters; this one has {len(label)}."
        raise Invalid(message, path=("input", *path))
    return label

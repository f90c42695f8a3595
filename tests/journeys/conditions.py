"""Which conditions hold among the records of a deal, whatever was done to them?

Derived here once more from lines, payments and events, with none of the code that the server derives it with.
A condition that does not hold names the record that breaks it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from graphql_api.diagrams import Edge, edges
from models.event import EventKind
from models.record import public_id, records
from models.status import Staged

Row = Mapping[str, Any]
Rows = Mapping[str, Mapping[UUID, Row]]
ZERO = Decimal(0)
DOCUMENTS = {
    "opportunity": "opportunity_line",
    "quote": "quote_line",
    "order": "order_line",
    "invoice": "invoice_line",
    "credit_note": "credit_note_line",
}
# Whose every version is told in the history that the rows hold.
TOLD = ("lead", *DOCUMENTS, "customer_credit")
_DRAWN = {edge for table in records().values() if issubclass(table, Staged) for edge in edges(table)}
_OPEN_QUOTES = {"DRAFT", "ACTIVE"}


def hold(*, holds: bool, noun: str, key: UUID, rule: str) -> None:
    """Fail with the record that breaks a rule, in a form that its public id can be found by."""
    assert holds, f"{public_id(noun, key)}: {rule}"


def each_is_once(rows: Rows) -> None:
    """One order of a won quote, one live revision of a number, one opportunity of a lead."""
    orders: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for key, row in rows["order"].items():
        if row["quote_id"] is not None:
            orders[row["quote_id"]].append(key)
    for key, row in rows["quote"].items():
        wanted = 1 if row["status"] == "WON" else 0
        hold(holds=len(orders[key]) == wanted, noun="quote", key=key, rule=f"it has {wanted} order")
    live = Counter(row["number"] for row in rows["quote"].values() if row["status"] != "CLOSED")
    revisions = Counter((row["number"], row["revision"]) for row in rows["quote"].values())
    for key, row in rows["quote"].items():
        hold(holds=live[row["number"]] <= 1, noun="quote", key=key, rule="one live revision of its number")
        is_alone = revisions[row["number"], row["revision"]] == 1
        hold(holds=is_alone, noun="quote", key=key, rule="its revision is the only one of its count")
        before = rows["quote"].get(row["previous_id"])
        follows = row["revision"] == 0 if before is None else _follows(row, before)
        hold(holds=follows, noun="quote", key=key, rule="it follows the revision before")
    leads = Counter(row["lead_id"] for row in rows["opportunity"].values() if row["lead_id"])
    for key, row in rows["opportunity"].items():
        hold(holds=leads[row["lead_id"]] <= 1, noun="opportunity", key=key, rule="the only one of its lead")


def _follows(quote: Row, before: Row) -> bool:
    """Say whether a quote is the revision after another, which is closed."""
    same = (quote["number"], quote["revision"]) == (before["number"], before["revision"] + 1)
    return same and before["status"] == "CLOSED"


def states_are_legal(rows: Rows) -> None:
    """Each record's reason is one of its state's, and the states of a deal's records go together."""
    for noun in TOLD:
        for key, row in rows[noun].items():
            kind, status, _ = row["reason_id"].split(".")
            is_own = (kind, status) == (noun, row["status"])
            hold(holds=is_own, noun=noun, key=key, rule="its reason is one of its state's")
    for key, row in rows["opportunity"].items():
        _opportunity_is_legal(rows, key, row)
    for key, row in rows["order"].items():
        _order_is_legal(rows, key, row)
    for key, row in rows["quote"].items():
        is_frozen = row["content_hash"] is not None
        rule = "it is frozen exactly once it was offered"
        hold(holds=row["status"] not in {"ACTIVE", "WON"} or is_frozen, noun="quote", key=key, rule=rule)
        hold(holds=row["status"] != "DRAFT" or not is_frozen, noun="quote", key=key, rule=rule)
    for key, row in rows["invoice"].items():
        is_draft = row["reason_id"] == "invoice.ACTIVE.NEW"
        rule = "it has a number exactly once it was issued"
        has_number = row["number"] is not None
        hold(holds=has_number == (row["issued_on"] is not None), noun="invoice", key=key, rule=rule)
        hold(holds=not (is_draft and has_number), noun="invoice", key=key, rule=rule)


def _opportunity_is_legal(rows: Rows, key: UUID, row: Row) -> None:
    """A closed one has no open quote, a lost one no live order; what it brought is known once it is won."""
    quotes = {each["status"] for each in rows["quote"].values() if each["opportunity_id"] == key}
    orders = {each["status"] for each in rows["order"].values() if each["opportunity_id"] == key}
    is_open = row["status"] == "OPEN"
    rule = f"{row['status']} with quotes {sorted(quotes)} and orders {sorted(orders)}"
    hold(holds=is_open or not quotes & _OPEN_QUOTES, noun="opportunity", key=key, rule=rule)
    hold(holds=row["status"] != "LOST" or orders <= {"CANCELED"}, noun="opportunity", key=key, rule=rule)
    is_dated = row["actual_close_on"] is not None
    rule = "its end is known exactly when it is closed"
    hold(holds=is_dated is not is_open, noun="opportunity", key=key, rule=rule)
    is_known = row["actual_revenue"] is not None
    rule = "what it brought is known exactly when it is won"
    hold(holds=is_known is (row["status"] == "WON"), noun="opportunity", key=key, rule=rule)


def _order_is_legal(rows: Rows, key: UUID, row: Row) -> None:
    """Its state follows from its lines; a canceled one has nothing delivered and nothing billed."""
    lines = [line for line in rows["order_line"].values() if line["order_id"] == key]
    wanted = [line["quantity"] - line["quantity_canceled"] for line in lines]
    fulfilled = _progress([line["quantity_fulfilled"] - line["quantity_returned"] for line in lines], wanted)
    billed = _progress([line["quantity_invoiced"] - line["quantity_credited"] for line in lines], wanted)
    axes = row["fulfillment_status"], row["billing_status"]
    hold(holds=axes == (fulfilled, billed), noun="order", key=key, rule=f"it is {fulfilled} and {billed}")
    if row["status"] == "CANCELED":
        hold(holds=axes == ("NONE", "NONE"), noun="order", key=key, rule="canceled with something delivered")
        hold(holds=not any(wanted), noun="order", key=key, rule="canceled with something open")
        live = [
            each["reason_id"]
            for each in rows["invoice"].values()
            if each["order_id"] == key and not (each["status"] == "CANCELED" or _is_whole(each))
        ]
        hold(holds=not live, noun="order", key=key, rule=f"canceled with invoices {live}")
        return
    is_done = fulfilled == "COMPLETE"
    state = ("INVOICED" if billed == "COMPLETE" else "FULFILLED") if is_done else "ACTIVE or SUBMITTED"
    hold(holds=row["status"] in state.split(" or "), noun="order", key=key, rule=f"it is {state}")


def _progress(done: list[Decimal], wanted: list[Decimal]) -> str:
    """Return how far the lines of an order have come."""
    if not any(done):
        return "NONE"
    return "COMPLETE" if done == wanted else "PARTIAL"


def totals_add_up(rows: Rows) -> None:
    """The parts of the lines sum to the header, and the header to its total."""
    for noun, line_noun in DOCUMENTS.items():
        lines: dict[UUID, list[Row]] = defaultdict(list)
        for line in rows[line_noun].values():
            lines[line[f"{noun}_id"]].append(line)
        for key, row in rows[noun].items():
            own = lines[key]
            shared = sum((line["discount_share"] for line in own), ZERO)
            rule = f"its discount is {shared}"
            hold(holds=shared == row["discount_total"], noun=noun, key=key, rule=rule)
            _taxes_add_up(noun, key, row, own)
            nets = sum((_net(line) for line in own), ZERO)
            hold(holds=row["line_total"] == nets, noun=noun, key=key, rule=f"its lines come to {nets}")
            added = row["tax_total"] - row["included_tax_total"]
            total = row["line_total"] - row["discount_total"] + row["freight_amount"] + added
            hold(holds=row["total"] == total, noun=noun, key=key, rule=f"it comes to {total}")
            for line in own:
                _line_adds_up(line_noun, line)


def _net(line: Row) -> Decimal:
    """Return what a line comes to after its own discounts, with the taxes that its price includes."""
    net: Decimal = line["extended_amount"] - line["tax_amount"] + line["included_tax_amount"]
    return net


def _line_adds_up(noun: str, line: Row) -> None:
    """What is left of a line's base is the base less the discounts that were typed."""
    base, net = line["base_amount"], _net(line)
    typed = line["discount_amount"] + line["discount_per_unit"] * abs(line["quantity"])
    # A discount is taken towards zero; that of each unit is rounded once, to no more than a cent.
    taken = (base - net) if base >= 0 else (net - base)
    rule = f"{base} less {typed} is {net}"
    hold(holds=abs(taken - typed) <= Decimal("0.005"), noun=noun, key=line["id"], rule=rule)


def _taxes_add_up(noun: str, key: UUID, row: Row, lines: Iterable[Row]) -> None:
    """The taxes of lines and freight sum to those of the header, one by one and all together."""
    parts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        amounts = _by_tax(line["taxes"])
        own = sum(amounts.values(), ZERO) == line["tax_amount"]
        is_included = _included(line["taxes"]) == line["included_tax_amount"]
        hold(holds=own and is_included, noun=f"{noun}_line", key=line["id"], rule="its taxes sum to its tax")
        for tax, amount in amounts.items():
            parts[tax] += amount
    for tax, amount in _by_tax(row["freight_taxes"]).items():
        parts[tax] += amount
    whole = _by_tax(row["taxes"])
    hold(holds=parts == whole, noun=noun, key=key, rule=f"its taxes are {dict(parts)}")
    total = sum(whole.values(), ZERO)
    hold(holds=total == row["tax_total"], noun=noun, key=key, rule=f"its tax is {total}")
    included = _included(row["taxes"])
    hold(holds=included == row["included_tax_total"], noun=noun, key=key, rule=f"included are {included}")


def _by_tax(breakdown: Iterable[Row]) -> dict[str, Decimal]:
    """Return the amount of each tax of a breakdown, by its code, rate and kind."""
    found: dict[str, Decimal] = {}
    for each in breakdown:
        tax = " ".join(str(value) for name, value in each.items() if name not in {"base", "amount"})
        found[tax] = found.get(tax, ZERO) + Decimal(each["amount"])
    return found


def _included(breakdown: Iterable[Row]) -> Decimal:
    """Return what of a breakdown's taxes the price includes."""
    return sum((Decimal(each["amount"]) for each in breakdown if each["isInclusive"]), ZERO)


def quantities_are_permitted(rows: Rows) -> None:
    """Nothing is delivered or billed beyond what may be, and each line knows what became of it."""
    live = [
        line
        for line in rows["invoice_line"].values()
        if line["order_line_id"]
        and rows["invoice"][line["invoice_id"]]["reason_id"] != "invoice.CANCELED.CANCELED"
    ]
    sums = _quantities(rows, live)
    as_ordered = {
        line["order_line_id"]
        for line in live
        if rows["invoice"][line["invoice_id"]]["billing_policy"] != "FULFILLED"
    }
    for key, line in rows["order_line"].items():
        for name, by_line in sums.items():
            hold(holds=line[name] == by_line[key], noun="order_line", key=key, rule=f"{name} {by_line[key]}")
        wanted = line["quantity"] - line["quantity_canceled"]
        delivered = line["quantity_fulfilled"] - line["quantity_returned"]
        billed = line["quantity_invoiced"] - line["quantity_credited"]
        rule = f"{delivered} of {wanted} are delivered"
        hold(holds=ZERO <= delivered <= wanted, noun="order_line", key=key, rule=rule)
        # What was billed as delivered was delivered; what was billed as ordered was ordered.
        permitted = wanted if key in as_ordered else delivered
        rule = f"{billed} of the {permitted} that may be are billed"
        hold(holds=ZERO <= billed <= permitted, noun="order_line", key=key, rule=rule)


def _quantities(rows: Rows, live: list[Row]) -> dict[str, Counter[UUID]]:
    """Return what deliveries, returns, the lines of live invoices and credit notes come to, by order line."""
    standing = [
        part
        for part in rows["fulfillment_line"].values()
        if rows["fulfillment"][part["fulfillment_id"]]["canceled_at"] is None
    ]
    whole = {key for key, row in rows["invoice"].items() if _is_whole(row)}
    back = [line for line in live if line["invoice_id"] in whole] + [
        {"order_line_id": of["order_line_id"], "quantity": line["quantity"]}
        for line in rows["credit_note_line"].values()
        if (of := rows["invoice_line"][line["invoice_line_id"]])["invoice_id"] not in whole
        and rows["credit_note"][line["credit_note_id"]]["is_goods_returned"]
    ]
    return {
        "quantity_fulfilled": _by_order_line(standing),
        "quantity_returned": _by_order_line(rows["order_return_line"].values()),
        "quantity_invoiced": _by_order_line(live),
        "quantity_credited": _by_order_line(back),
    }


def _is_whole(invoice: Row) -> bool:
    """Say whether an invoice is credited as a whole."""
    return bool(ZERO < invoice["total"] == invoice["credited_total"])


def _by_order_line(parts: Iterable[Row]) -> Counter[UUID]:
    """Return the sum of the quantities of each order line."""
    found: Counter[UUID] = Counter()
    for each in parts:
        found[each["order_line_id"]] += each["quantity"]
    return found


def balances_are_owed(rows: Rows) -> None:
    """What is owed is what was billed less what was paid or credited: the status says no more than that."""
    paid: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    credited: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for payment in rows["payment"].values():
        paid[payment["invoice_id"]] += payment["amount"] - payment["excess_amount"]
    for key, note in rows["credit_note"].items():
        credited[note["invoice_id"]] += note["total"]
        parts = note["applied_total"] + note["customer_credit_total"]
        hold(holds=parts == note["total"], noun="credit_note", key=key, rule=f"its parts are {parts}")
    for key, row in rows["invoice"].items():
        sums = row["paid_total"], row["credited_total"]
        rule = f"{paid[key]} paid and {credited[key]} credited of {row['total']}"
        is_right = sums == (paid[key], credited[key]) and credited[key] <= row["total"]
        hold(holds=is_right, noun="invoice", key=key, rule=rule)
        owed = row["total"] - paid[key] - credited[key] + row["customer_credit_total"]
        if row["status"] == "CANCELED":
            owed = ZERO
        hold(holds=ZERO <= owed == row["balance"], noun="invoice", key=key, rule=f"{owed} is owed")
        if row["number"] and row["status"] != "CANCELED":
            state = "PAID" if owed == 0 else "PARTIALLY_PAID" if paid[key] else "BILLED"
            hold(holds=state in row["reason_id"].split("."), noun="invoice", key=key, rule=f"it is {state}")


def credits_are_owed(rows: Rows) -> None:
    """What a customer may still claim is the sum of its entries, each made by a payment or a note."""
    sums: dict[str, defaultdict[UUID, Decimal]] = {
        name: defaultdict(Decimal) for name in ("customer_credit_id", "payment_id", "credit_note_id")
    }
    for entry in rows["customer_credit_entry"].values():
        for name, by_key in sums.items():
            by_key[entry[name]] += entry["amount"]
    for key, row in rows["customer_credit"].items():
        owed = sums["customer_credit_id"][key]
        hold(holds=ZERO <= owed == row["balance"], noun="customer_credit", key=key, rule=f"{owed} is owed")
        state = "OPEN" if owed else "SETTLED"
        hold(holds=row["status"] == state, noun="customer_credit", key=key, rule=f"it is {state}")
    for key, row in rows["payment"].items():
        entered = -row["amount"] if row["method"] == "CUSTOMER_CREDIT" else row["excess_amount"]
        rule = f"its entries come to {entered}"
        hold(holds=sums["payment_id"][key] == entered, noun="payment", key=key, rule=rule)
    for key, row in rows["credit_note"].items():
        kept, entered = row["customer_credit_total"], sums["credit_note_id"][key]
        hold(holds=kept == entered, noun="credit_note", key=key, rule=f"{entered} became credit")


def moves_are_drawn(rows: Rows) -> None:
    """Each version of a record has its one event, and each move in it is an arrow of the diagrams."""
    told: dict[UUID, list[Row]] = defaultdict(list)
    for event in rows["event"].values():
        told[event["subject_id"]].append(event)
    for noun in TOLD:
        for key, row in rows[noun].items():
            events = sorted(told[key], key=lambda each: each["subject_version"])
            versions = [each["subject_version"] for each in events]
            rule = f"version {row['version']} has the events {versions}"
            hold(holds=versions == list(range(1, row["version"] + 1)), noun=noun, key=key, rule=rule)
            standing = ""
            for event in events:
                edge = Edge(noun, event["from_status"] or "", event["command"], event["to_status"])
                hold(holds=edge.source == standing, noun=noun, key=key, rule=f"{edge} starts from {standing}")
                standing = edge.target
                is_move = event["kind"] != EventKind.EDITED and edge.source != edge.target
                hold(holds=not is_move or edge in _DRAWN, noun=noun, key=key, rule=f"{edge} is drawn")
            hold(holds=row["status"] == standing, noun=noun, key=key, rule=f"its events led to {standing}")


CONDITIONS: tuple[Callable[[Rows], None], ...] = (
    each_is_once,
    quantities_are_permitted,
    states_are_legal,
    totals_add_up,
    balances_are_owed,
    credits_are_owed,
    moves_are_drawn,
)

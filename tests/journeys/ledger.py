"""What must hold of the records of a deal, whatever was done to them?

Derived here once more from lines, payments and events, with none of the code that the server derives it with.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select, union_all
from sqlmodel import Session, SQLModel

from graphql_api.diagrams import Edge, edges
from models.event import Event, EventKind
from models.payment import CustomerCredit
from models.record import Part, Record, Versioned, records
from models.status import Staged

Rows = Mapping[str, Mapping[UUID, Mapping[str, Any]]]
ZERO = Decimal(0)
_DOCUMENTS = {
    "opportunity": "opportunity_line",
    "quote": "quote_line",
    "order": "order_line",
    "invoice": "invoice_line",
    "credit_note": "credit_note_line",
}
_DRAWN = {
    edge for table in records().values() if issubclass(table, Staged) for edge in edges(table)
}  # fmt: skip


@dataclass
class Ledger:
    """The records of some chains, and the versions that they had when they were last looked at."""

    chains: set[UUID] = field(default_factory=set)
    others: set[tuple[str, UUID]] = field(default_factory=set)
    versions: dict[UUID, int] = field(default_factory=dict)

    def look(self, session: Session) -> Rows:
        """Return the rows of the chains, of what they are linked to, and of their parts, by noun and key."""
        found: dict[str, dict[UUID, Mapping[str, Any]]] = defaultdict(dict)
        for noun, table in records().items():
            if "chain_id" in table.model_fields and not issubclass(table, Event):
                found[noun] = _rows(session, table, "chain_id", self.chains)
        for noun in ("account", "contact"):
            linked = {
                row[f"{noun}_id"] for rows in found.values() for row in rows.values() if f"{noun}_id" in row
            }
            own = {key for kind, key in self.others if kind == noun}
            found[noun] = _rows(session, records()[noun], "id", (linked | own) - {None})
        for noun in ("account", "contact"):
            found["customer_credit"] |= _rows(session, CustomerCredit, f"{noun}_id", found[noun])
        for _ in range(2):  # Parts of parts.
            for noun, table in records().items():
                if issubclass(table, Part):
                    (key,) = SQLModel.metadata.tables[noun].c[table.part_of].foreign_keys
                    found[noun] |= _rows(session, table, table.part_of, found[key.column.table.name])
        found["event"] = _rows(session, Event, "chain_id", self.chains)
        return found

    def check(self, rows: Rows) -> None:
        """Hold everything to everything else."""
        _check_uniqueness(rows)
        _check_totals(rows)
        _check_quantities(rows)
        _check_balances(rows)
        _check_credits(rows)
        _check_history(rows)
        self._check_versions(rows)

    def _check_versions(self, rows: Rows) -> None:
        """Versions only go up."""
        for noun, table in records().items():
            if issubclass(table, Versioned):
                for key, row in rows.get(noun, {}).items():
                    assert row["version"] >= self.versions.get(key, 1), (noun, key)
                    self.versions[key] = row["version"]


def counts(session: Session) -> dict[str, int]:
    """Return the number of rows of every table, in one statement."""
    each = [
        select(literal(name), func.count()).select_from(table)
        for name, table in SQLModel.metadata.tables.items()
    ]
    return {str(name): int(count) for name, count in session.execute(union_all(*each)).all()}


def _rows(
    session: Session, table: type[Record], column: str, keys: Iterable[UUID]
) -> dict[UUID, Mapping[str, Any]]:
    """Return the rows of a table whose column has one of the values."""
    wanted = sorted(keys)
    if not wanted:
        return {}
    columns = SQLModel.metadata.tables[table.noun()]
    found = session.execute(select(columns).where(columns.c[column].in_(wanted)))
    return {row["id"]: dict(row) for row in found.mappings()}


def _check_uniqueness(rows: Rows) -> None:
    """One live order of a won quote, one live revision of a number, one live opportunity of a lead."""
    live = [row for row in rows["order"].values() if row["status"] != "CANCELED"]
    orders = Counter(row["quote_id"] for row in live if row["quote_id"])
    assert set(orders.values()) <= {1}
    for row in rows["quote"].values():
        if row["status"] == "WON":
            made = [each for each in rows["order"].values() if each["quote_id"] == row["id"]]
            assert made, f"quote {row['number']} is won and has no order"
    revisions = Counter(row["number"] for row in rows["quote"].values() if row["status"] != "CLOSED")
    assert set(revisions.values()) <= {1}
    leads = Counter(
        row["lead_id"] for row in rows["opportunity"].values() if row["lead_id"] and row["status"] != "LOST"
    )
    assert set(leads.values()) <= {1}


def _check_totals(rows: Rows) -> None:
    """The parts of the lines sum to the header, and the header to its total."""
    for noun, line_noun in _DOCUMENTS.items():
        lines: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
        for line in rows[line_noun].values():
            lines[line[f"{noun}_id"]].append(line)
        for key, row in rows[noun].items():
            own = lines[key]
            shared = sum((line["discount_share"] for line in own), ZERO)
            assert shared == row["discount_total"], (noun, key)
            _check_taxes(noun, row, own)
            nets = sum((_net(line) for line in own), ZERO)
            assert row["line_total"] == nets, (noun, key)
            added = row["tax_total"] - row["included_tax_total"]
            total = row["line_total"] - row["discount_total"] + row["freight_amount"] + added
            assert row["total"] == total, (noun, key)


def _net(line: Mapping[str, Any]) -> Decimal:
    """Return what a line comes to after its own discounts, with the taxes that its price includes."""
    net: Decimal = line["extended_amount"] - line["tax_amount"] + line["included_tax_amount"]
    return net


def _check_taxes(noun: str, row: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> None:
    """The taxes of lines and freight sum to those of the header, one by one and all together."""
    parts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        amounts = _by_tax(line["taxes"])
        assert sum(amounts.values(), ZERO) == line["tax_amount"], (noun, line["id"])
        assert _included(line["taxes"]) == line["included_tax_amount"], (noun, line["id"])
        for tax, amount in amounts.items():
            parts[tax] += amount
    for tax, amount in _by_tax(row["freight_taxes"]).items():
        parts[tax] += amount
    whole = _by_tax(row["taxes"])
    assert parts == whole, (noun, row["id"])
    assert sum(whole.values(), ZERO) == row["tax_total"], (noun, row["id"])
    assert _included(row["taxes"]) == row["included_tax_total"], (noun, row["id"])


def _check_quantities(rows: Rows) -> None:
    """Nothing is delivered or billed beyond what was ordered, and each line knows what became of it."""
    standing = [
        part
        for part in rows["fulfillment_line"].values()
        if rows["fulfillment"][part["fulfillment_id"]]["canceled_at"] is None
    ]
    live = [
        line
        for line in rows["invoice_line"].values()
        if line["order_line_id"]
        and rows["invoice"][line["invoice_id"]]["reason_id"] != "invoice.CANCELED.CANCELED"
    ]
    whole = {
        key for key, row in rows["invoice"].items() if ZERO < row["total"] == row["credited_total"]
    }  # fmt: skip
    back = [line for line in live if line["invoice_id"] in whole] + [
        {"order_line_id": of["order_line_id"], "quantity": line["quantity"]}
        for line in rows["credit_note_line"].values()
        if (of := rows["invoice_line"][line["invoice_line_id"]])["invoice_id"] not in whole
        and rows["credit_note"][line["credit_note_id"]]["is_goods_returned"]
    ]
    delivered, billed = _by_order_line(standing), _by_order_line(live)
    returned, credited = _by_order_line(rows["order_return_line"].values()), _by_order_line(back)
    for key, line in rows["order_line"].items():
        assert line["quantity_fulfilled"] == delivered[key], key
        assert line["quantity_returned"] == returned[key], key
        assert line["quantity_invoiced"] == billed[key], key
        assert line["quantity_credited"] == credited[key], key
        wanted = line["quantity"] - line["quantity_canceled"]
        assert ZERO <= line["quantity_fulfilled"] - line["quantity_returned"] <= wanted, key
        assert ZERO <= line["quantity_invoiced"] - line["quantity_credited"] <= wanted, key


def _by_order_line(parts: Iterable[Mapping[str, Any]]) -> Counter[UUID]:
    """Return the sum of the quantities of each order line."""
    found: Counter[UUID] = Counter()
    for each in parts:
        found[each["order_line_id"]] += each["quantity"]
    return found


def _check_balances(rows: Rows) -> None:
    """What is owed is what was billed less what was paid or credited: the status says no more than that."""
    paid: Counter[UUID] = Counter()
    credited: Counter[UUID] = Counter()
    for payment in rows["payment"].values():
        paid[payment["invoice_id"]] += payment["amount"] - payment["excess_amount"]
    for note in rows["credit_note"].values():
        credited[note["invoice_id"]] += note["total"]
        assert note["applied_total"] + note["customer_credit_total"] == note["total"]
    for key, row in rows["invoice"].items():
        assert row["paid_total"] == paid[key]
        assert row["credited_total"] == credited[key] <= row["total"]
        if row["status"] == "CANCELED":
            continue
        kept = row["customer_credit_total"]
        assert row["balance"] == row["total"] - paid[key] - credited[key] + kept
        assert row["balance"] >= 0
        if row["number"]:
            assert (row["status"] == "PAID") == (row["balance"] == 0), row["number"]


def _check_credits(rows: Rows) -> None:
    """What a customer may still claim is the sum of its entries, each made by a payment or a note."""
    sums: dict[str, defaultdict[UUID, Decimal]] = {
        name: defaultdict(Decimal) for name in ("customer_credit_id", "payment_id", "credit_note_id")
    }
    for entry in rows["customer_credit_entry"].values():
        for name, by_key in sums.items():
            by_key[entry[name]] += entry["amount"]
    for key, row in rows["customer_credit"].items():
        assert ZERO <= row["balance"] == sums["customer_credit_id"][key], key
        assert (row["status"] == "SETTLED") == (row["balance"] == 0), key
    for key, row in rows["payment"].items():
        by_credit = row["method"] == "CUSTOMER_CREDIT"
        assert sums["payment_id"][key] == (-row["amount"] if by_credit else row["excess_amount"]), key
    for key, row in rows["credit_note"].items():
        assert sums["credit_note_id"][key] == row["customer_credit_total"], key


def _by_tax(breakdown: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Return the amount of each tax of a breakdown, by its code, rate and kind."""
    found: dict[str, Decimal] = {}
    for each in breakdown:
        tax = " ".join(str(value) for name, value in each.items() if name not in {"base", "amount"})
        found[tax] = found.get(tax, ZERO) + Decimal(each["amount"])
    return found


def _included(breakdown: Iterable[Mapping[str, Any]]) -> Decimal:
    """Return what of a breakdown's taxes the price includes."""
    return sum((Decimal(each["amount"]) for each in breakdown if each["isInclusive"]), ZERO)


def _check_history(rows: Rows) -> None:
    """Each version of a record has its one event, and each move in it is an arrow of the diagrams."""
    told: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for event in rows["event"].values():
        told[event["subject_id"]].append(event)
    for noun in ("lead", *_DOCUMENTS):
        for key, row in rows[noun].items():
            events = sorted(told[key], key=lambda each: each["subject_version"])
            assert [each["subject_version"] for each in events] == list(range(1, row["version"] + 1)), noun
            assert events[-1]["to_status"] == row["status"]
            for event in events:
                if event["kind"] != EventKind.EDITED and event["from_status"] != event["to_status"]:
                    edge = Edge(noun, event["from_status"] or "", event["command"], event["to_status"])
                    assert edge in _DRAWN, edge

"""Does an insight read the rows that it is about, and not all that there ever were?"""

from datetime import timedelta

import pytest

from tests.desk import Desk
from tests.factories import make_invoice, make_opportunity
from tests.graphql_api.insight.window import answered

# A question, and the tables of which few rows matter to it.
QUESTIONS = {
    "{ pipelineByStage { count } }": ["opportunity_"],
    '{ pipelineByStage(where: {account: {name: {eq: "Acme"}}}) { count } }': ["opportunity_"],
    '{ forecast(from: "2026-03-01", to: "2026-03-31") { count } }': ["opportunity_"],
    '{ stagePerformance(from: "2026-03-01") { entered } }': ["opportunity_", "stage_visit_"],
    "{ receivables { count } }": ["invoice_"],
    "{ receivablesByAccount { nodes { receivables { count } } } }": ["invoice_"],
    "{ attention(kinds: [QUOTE_EXPIRING]) { nodes { why } } }": ["quote_"],
    "{ attention(kinds: [CLOSE_DATE_PASSED]) { nodes { why } } }": ["opportunity_"],
    "{ attention(kinds: [NOT_INVOICED]) { nodes { why } } }": ["order_", "order_line", "fulfillment"],
    "{ attention(kinds: [INVOICE_OVERDUE]) { nodes { why } } }": ["invoice_"],
}


def plans(desk: Desk, text: str) -> list[str]:
    """Return the steps of the engine's plans, which reads a whole table only where no index serves."""
    _, errors, statements = answered(desk, text)
    assert errors == []
    steps = []
    is_postgresql = desk.database.dialect == "postgresql"
    with desk.database.reading() as session:
        connection = session.connection()
        if is_postgresql:
            connection.exec_driver_sql("SET enable_seqscan = off")
        for sql, parameters in statements:
            word = "EXPLAIN" if is_postgresql else "EXPLAIN QUERY PLAN"
            steps += [str(row[-1]) for row in connection.exec_driver_sql(f"{word} {sql}", parameters)]
    return steps


@pytest.mark.parametrize("text", QUESTIONS)
def test_an_insight_reads_by_an_index(desk: Desk, text: str) -> None:
    """Whatever there is beside what it is about."""
    make_invoice(desk)
    make_opportunity(desk, estimated_close_on=desk.moment.today + timedelta(days=2))
    steps = plans(desk.later(days=3), text)
    whole = [
        step
        for step in steps
        for name in QUESTIONS[text]
        if f"Seq Scan on {name.removesuffix('_')} " in step or step.split()[:2] == ["SCAN", name]
    ]
    assert whole == []

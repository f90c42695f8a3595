"""Does the schema have the shape that clients are promised?"""

import pytest
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_introspection_query,
    graphql_sync,
    parse,
    validate,
    validate_schema,
)

from graphql_api.planner.backing import (
    Publishes,
    ToMany,
    ToOne,
    ToOneBack,
    backing_of,
    source_of,
    type_name_of,
)
from graphql_api.schema import build_schema

SCHEMA: GraphQLSchema = build_schema()._schema
RECORDS = ("Account", "Contact", "Invoice", "Lead", "Opportunity", "Order", "Product", "Quote")
CHAIN = ("Lead", "Opportunity", "Quote", "Order", "Invoice")


BULK = (
    *("CaptureLead", "CreateAccount", "CreateContact", "CreateLead", "CreateOpportunity", "CreateProduct"),
    *("DisqualifyLead", "FulfillOrder", "InvoiceOrder", "IssueInvoice", "QualifyLead", "RecordPayment"),
)


def mutations(*, is_bulk: bool) -> dict[str, GraphQLField]:
    """Return the mutations that run one command once, or many times, by name."""
    mutation = SCHEMA.mutation_type
    assert mutation is not None
    sources = {name: source_of(each) for name, each in mutation.fields.items()}
    assert all(isinstance(each, Publishes) for each in sources.values())
    return {
        name: mutation.fields[name]
        for name, each in sources.items()
        if isinstance(each, Publishes) and each.is_bulk is is_bulk
    }


def shown(type_name: str) -> GraphQLObjectType:
    """Return an object type of the schema."""
    kind = SCHEMA.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    return kind


def field(path: str) -> GraphQLField:
    """Return a field by ``Type.field``."""
    type_name, _, name = path.partition(".")
    found: GraphQLField = shown(type_name).fields[name]
    return found


def test_the_schema_is_valid() -> None:
    """graphql-core finds no fault in it."""
    assert validate_schema(SCHEMA) == []


@pytest.mark.parametrize("type_name", RECORDS)
def test_each_record_is_a_versioned_node(type_name: str) -> None:
    """Ids, versions and times are the same on every record."""
    assert {each.name for each in shown(type_name).interfaces} == {"Node", "Versioned"}


@pytest.mark.parametrize("type_name", RECORDS)
def test_each_record_lists_its_transitions(type_name: str) -> None:
    """Each record has edges of its own type, with the status enum of the record."""
    assert str(field(f"{type_name}.transitions").type) == f"[{type_name}Transition!]!"
    edge = shown(f"{type_name}Transition")
    assert {name: str(each.type) for name, each in edge.fields.items()} == {
        "allowed": "Boolean!",
        "blockers": "[Blocker!]!",
        "name": "String!",
        "to": str(field(f"{type_name}.status").type),
    }


@pytest.mark.parametrize("type_name", CHAIN)
def test_the_timeline_of_the_chain_has_a_scope(type_name: str) -> None:
    """A record of the chain tells its own story, or that of the whole chain."""
    timeline = field(f"{type_name}.timeline")
    assert str(timeline.type) == "TimelineEventConnection!"
    assert {name: str(each.type) for name, each in timeline.args.items()} == {
        "after": "String",
        "before": "String",
        "first": "Int",
        "last": "Int",
        "scope": "TimelineScope!",
        "types": "[TimelineEventType!]",
        "where": "TimelineEventWhere",
    }
    source = source_of(timeline)
    assert isinstance(source, ToMany)
    assert source.match == {"SELF": ("subject_id", "id"), "CHAIN": ("chain_id", "chain_id")}


@pytest.mark.parametrize(
    ("there", "back"),
    [
        ("Lead.opportunity", "Opportunity.lead"),
        ("Opportunity.quotes", "Quote.opportunity"),
        ("Opportunity.orders", "Order.opportunity"),
        ("Opportunity.invoices", "Invoice.opportunity"),
        ("Opportunity.lines", "OpportunityLine.opportunity"),
        ("Opportunity.closeActivities", "CloseActivity.opportunity"),
        ("Quote.order", "Order.quote"),
        ("Quote.next", "Quote.previous"),
        ("Quote.lines", "QuoteLine.quote"),
        ("Quote.closeActivities", "CloseActivity.quote"),
        ("Order.invoices", "Invoice.order"),
        ("Order.lines", "OrderLine.order"),
        ("Order.fulfillments", "Fulfillment.order"),
        ("Order.closeActivities", "CloseActivity.order"),
        ("Invoice.lines", "InvoiceLine.invoice"),
        ("Invoice.payments", "Payment.invoice"),
        ("Lead.evidence", "LeadEvidence.lead"),
        ("Fulfillment.lines", "FulfillmentLine.fulfillment"),
        ("OpportunityLine.quoteLines", "QuoteLine.opportunityLine"),
        ("QuoteLine.revisedLines", "QuoteLine.previousLine"),
        ("QuoteLine.orderLines", "OrderLine.quoteLine"),
        ("OrderLine.invoiceLines", "InvoiceLine.orderLine"),
        ("OrderLine.fulfillmentLines", "FulfillmentLine.orderLine"),
        ("Product.opportunityLines", "OpportunityLine.product"),
        ("Product.quoteLines", "QuoteLine.product"),
        ("Product.orderLines", "OrderLine.product"),
        ("Product.invoiceLines", "InvoiceLine.product"),
        ("Account.contacts", "Contact.account"),
        *(
            (f"{customer}.{many}", f"{one}.{customer.lower()}")
            for customer in ("Account", "Contact")
            for many, one in (
                ("leads", "Lead"),
                ("opportunities", "Opportunity"),
                ("quotes", "Quote"),
                ("orders", "Order"),
                ("invoices", "Invoice"),
            )
        ),
        ("TimelineEvent.effects", "TimelineEvent.causedBy"),
    ],
)
def test_each_link_can_be_walked_both_ways(there: str, back: str) -> None:
    """The way there and the way back go over the same key."""
    fields = {
        path: SCHEMA.type_map[path.partition(".")[0]].fields[path.partition(".")[2]]  # type: ignore[attr-defined]  # Has fields.
        for path in (there, back)
    }
    forth, home = source_of(fields[there]), source_of(fields[back])
    assert isinstance(home, ToOne)
    assert home.target == there.partition(".")[0]
    assert isinstance(forth, ToMany | ToOneBack)
    assert forth.target == back.partition(".")[0]
    key = forth.key if isinstance(forth, ToOneBack) else forth.match[""][0]
    assert key == home.key


def test_connections_have_edges_nodes_and_a_count() -> None:
    """Relay's shape, with ``nodes`` and a count that is only taken when asked for."""
    assert {name: str(each.type) for name, each in shown("QuoteConnection").fields.items()} == {
        "edges": "[QuoteEdge!]!",
        "nodes": "[Quote!]!",
        "pageInfo": "PageInfo!",
        "totalCount": "Count",
    }
    limit = field("QuoteConnection.totalCount").args["limit"]
    assert (str(limit.type), limit.default_value) == ("Int", 10_000)


def test_records_can_be_ordered_and_parts_cannot() -> None:
    """Clients choose the order of records by indexed columns; lines come by position."""
    assert str(field("Opportunity.quotes").args["orderBy"].type) == "[QuoteOrder!]"
    assert "orderBy" not in field("Quote.lines").args
    assert list(SCHEMA.type_map["QuoteOrderField"].values) == [  # type: ignore[attr-defined]  # An enum.
        "CREATED_AT",
        "NUMBER",
        "TOTAL",
        "UPDATED_AT",
        "VALID_UNTIL",
    ]


def test_a_record_is_looked_up_by_exactly_one_key() -> None:
    """Keys are @oneOf inputs."""
    key = SCHEMA.type_map["QuoteKey"]
    assert isinstance(key, GraphQLInputObjectType)
    assert (key.is_one_of, sorted(key.fields)) == (True, ["id", "number"])
    assert str(field("Query.quote").args["by"].type) == "QuoteKey!"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Query.quote", "Quote"),
        ("Query.quotes", "QuoteConnection"),
        ("Query.node", "Node"),
        ("Query.nodes", "[Node]!"),
        ("Query.viewer", "Viewer"),
        ("Quote.account", "Account"),
        ("Quote.order", "Order"),
        ("Quote.number", "String!"),
        ("Quote.total", "Money!"),
        ("Quote.validUntil", "Date"),
        ("Quote.statusReason", "StatusReason!"),
        ("Quote.lines", "QuoteLineConnection!"),
        ("QuoteLine.quote", "Quote"),
        ("QuoteLine.quantity", "Decimal!"),
        ("Invoice.number", "String"),
        ("Invoice.isOverdue", "Boolean!"),
        ("Account.history", "TimelineEventConnection!"),
        ("Money.amount", "Decimal!"),
        ("Money.currencyCode", "CurrencyCode!"),
        ("AcceptQuotePayload.quote", "Quote"),
        ("AcceptQuotePayload.order", "Order"),
        ("AcceptQuotePayload.closedQuotes", "[Quote!]!"),
        ("AcceptQuotePayload.alreadyDone", "Boolean!"),
        ("AcceptQuotePayload.userErrors", "[UserError!]!"),
    ],
)
def test_what_may_be_null(path: str, expected: str) -> None:
    """Roots, payload records and links that a row rule may hide are nullable; NOT NULL columns are not."""
    assert str(field(path).type) == expected


@pytest.mark.parametrize(
    "name",
    ["tokenDigest", "matchName", "matchEmail", "matchPhone", "chainId", "reasonId", "digest"],
)
def test_what_is_not_for_clients_is_not_shown(name: str) -> None:
    """Digests, keys, and what duplicates are found by are no fields of any type."""
    objects = [each for each in SCHEMA.type_map.values() if isinstance(each, GraphQLObjectType)]
    assert [each.name for each in objects if name in each.fields] == []


@pytest.mark.parametrize("name", ["currentCost", "standardCost"])
def test_costs_are_shown_by_products_alone(name: str) -> None:
    """Whoever may not see them reads null there; nothing else bears them."""
    objects = [each for each in SCHEMA.type_map.values() if isinstance(each, GraphQLObjectType)]
    assert {each.name: str(each.fields[name].type) for each in objects if name in each.fields} == {
        "Product": "Money",
        "ProductVersion": "Money",
    }


def test_keys_of_other_records_are_links() -> None:
    """No field of an object type is named after a foreign key; a lineage is no record."""
    # Of another system, gone, of a deal; of a step that may be gone, or hidden.
    own = {"externalId", "deletedId", "lineageId", "bundleLineageId", "lineId", "cameFromId"}
    keys = [
        f"{each.name}.{name}"
        for each in SCHEMA.type_map.values()
        if isinstance(each, GraphQLObjectType)
        for name in each.fields
        if name.endswith("Id") and name not in own
    ]
    assert keys == []


def test_a_mutation_takes_one_input_and_a_dry_run() -> None:
    """Every mutation that runs one command has the same two arguments."""
    for name, each in mutations(is_bulk=False).items():
        title = name[0].upper() + name[1:]
        assert {key: str(value.type) for key, value in each.args.items()} == {
            "dryRun": "Boolean!",
            "input": f"{title}Input!",
        }
        assert str(each.type) == f"{title}Payload"


def test_a_bulk_mutation_takes_the_inputs_of_its_command() -> None:
    """Every mutation that runs one command many times has the same four arguments."""
    found = mutations(is_bulk=True)
    assert list(found) == [f"bulk{title}" for title in BULK]
    for title in BULK:
        each = found[f"bulk{title}"]
        assert {key: str(value.type) for key, value in each.args.items()} == {
            "dryRun": "Boolean!",
            "idempotencyKey": "String",
            "inputs": f"[{title}Input!]!",
            "mode": "BulkMode!",
        }
        assert str(each.type) == f"Bulk{title}Payload"


@pytest.mark.parametrize("by", ['{id: "quote_0", number: "Q-1"}', "{}", "{id: null}"])
def test_no_other_number_of_keys_will_do(by: str) -> None:
    """None, two, and null are refused before anything is read."""
    errors = validate(SCHEMA, parse(f"{{ quote(by: {by}) {{ id }} }}"))
    assert [each.message for each in errors] == [
        (
            "Within OneOf Input Object type 'QuoteKey', exactly one field must be specified, "
            "and the value for that field must be non-null."
        )
    ]


def test_introspection_shows_the_whole_schema() -> None:
    """What a client reads from the server is what is committed in schema.graphql."""
    answer = graphql_sync(
        SCHEMA, get_introspection_query(specified_by_url=True, input_value_deprecation=True)
    )
    assert answer.errors is None
    assert answer.data is not None
    assert {each["name"] for each in answer.data["__schema"]["types"]} == set(SCHEMA.type_map)


def test_a_nested_document_is_valid() -> None:
    """The story of a deal in one query."""
    document = """
    { account(by: {number: "A-1"}) { opportunities(orderBy: [{field: CREATED_AT, direction: DESC}]) { nodes {
        lead { topic } quotes(last: 3) { edges { cursor node { total { amount } order { invoices { nodes {
          number payments { nodes { amount { amount currencyCode } } }
          timeline(scope: CHAIN, types: [STATUS_CHANGED]) { nodes { ... on StatusChanged { toStatus } } }
        } } } } } } } } } }
    """
    assert validate(SCHEMA, parse(document)) == []


def test_no_field_is_answered_by_a_resolver() -> None:
    """An executor that goes field by field is told who answers instead."""
    answer = graphql_sync(SCHEMA, "{ viewer { name } }")
    assert answer.errors is not None
    assert [each.message for each in answer.errors] == [
        "viewer of NoneType was asked of a resolver; the planner answers it from its source"
    ]


def test_a_noun_leads_to_its_type() -> None:
    """Ids are routed by their prefix; types that only hang on a record are no nodes."""
    assert type_name_of("quote_line") == "QuoteLine"
    assert type_name_of("event") == "TimelineEvent"
    assert backing_of("Address").is_node is False

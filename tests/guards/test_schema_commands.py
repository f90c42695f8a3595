"""Is every declared transition published, and does its input hold what may be written, and no more?"""

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, is_required_input_field

from graphql_api.planner.backing import Publishes, source_of
from graphql_api.schema import build_schema
from graphql_api.types.command import python_names, refused_payload
from models.access import FOR_ADMINS
from models.lifecycle import REGISTRY
from models.record import camel

SCHEMA = build_schema()._schema
MUTATION = SCHEMA.mutation_type
PUBLISHED = sorted(name for name, each in REGISTRY.items() if not each.of_clock)
# What only the lifecycle and the pricing write.
COMPUTED = {
    "status",
    "version",
    "total",
    "lineTotal",
    "taxTotal",
    "discountTotal",
    "balance",
    "paidTotal",
    "createdAt",
}


def input_of(name: str) -> GraphQLInputObjectType:
    """Return the input type of a transition."""
    command = REGISTRY[name].command
    kind = SCHEMA.type_map[f"{command[0].upper()}{command[1:]}Input"]
    assert isinstance(kind, GraphQLInputObjectType)
    return kind


def test_every_transition_is_published_once() -> None:
    """Each transition but the clock's is one mutation with its name and description, also of admins."""
    assert MUTATION is not None
    published = {
        name: (source_of(field), field.description)
        for name, field in MUTATION.fields.items()
        if not name.startswith("bulk")
    }
    assert published == {
        each.command: (
            Publishes(each.name),
            each.description + ("\n\nOnly admins may run it." if each.name in FOR_ADMINS else ""),
        )
        for each in REGISTRY.values()
        if not each.of_clock
    }


BULK = sorted(name for name in SCHEMA.mutation_type.fields if name.startswith("bulk"))  # type: ignore[union-attr]  # There are mutations.


@pytest.mark.parametrize("name", BULK)
def test_a_bulk_command_takes_and_answers_what_the_single_one_does(name: str) -> None:
    """Its inputs and results are of the single command's types, and it says which transition it runs."""
    assert MUTATION is not None
    field = MUTATION.fields[name]
    single = name.removeprefix("bulk")
    (transition,) = [each for each in REGISTRY.values() if each.command.lower() == single.lower()]
    assert source_of(field) == Publishes(transition.name, is_bulk=True)
    kinds = {key: str(argument.type) for key, argument in field.args.items()}
    assert kinds == {
        "inputs": f"[{single}Input!]!", "mode": "BulkMode!", "dryRun": "Boolean!", "idempotencyKey": "String",
    }  # fmt: skip
    payload = SCHEMA.type_map[f"Bulk{single}Payload"]
    assert isinstance(payload, GraphQLObjectType)
    assert {key: str(each.type) for key, each in payload.fields.items()} == {
        "results": f"[{single}Payload!]!", "succeeded": "Int!", "refused": "Int!",
        "userErrors": "[UserError!]!",
    }  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_an_input_holds_the_parameters_of_its_transition(name: str) -> None:
    """The parameters, the key, and the record with its expected version unless it is made."""
    transition = REGISTRY[name]
    own = set() if transition.creates else {"id", "expectedVersion"}
    assert set(input_of(name).fields) == {camel(each) for each in transition.parameters} | own | {
        "idempotencyKey"
    }


@pytest.mark.parametrize("name", PUBLISHED)
def test_an_input_holds_only_what_may_be_written(name: str) -> None:
    """No input has a field that only the lifecycle or the pricing writes."""
    assert set(input_of(name).fields) & COMPUTED == set()


@pytest.mark.parametrize("name", PUBLISHED)
def test_an_input_demands_what_has_no_default(name: str) -> None:
    """A parameter without a default, and the id, have to be given; the rest may be left out."""
    transition = REGISTRY[name]
    demanded = {camel(each) for each in transition.parameters if each not in transition.defaults}
    demanded |= set() if transition.creates else {"id"}
    required = {key for key, field in input_of(name).fields.items() if is_required_input_field(field)}
    assert required <= demanded
    assert "id" in required or transition.creates


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_refusal_fills_the_payload(name: str) -> None:
    """The payload of a refusal has every field of the payload type, lists being empty."""
    transition = REGISTRY[name]
    payload = SCHEMA.type_map[f"{transition.command[0].upper()}{transition.command[1:]}Payload"]
    assert isinstance(payload, GraphQLObjectType)
    refused = refused_payload(transition, [])
    assert {camel(key) for key in refused} == set(payload.fields)
    nulls = {camel(key) for key, value in refused.items() if value is None}
    assert [key for key in nulls if str(payload.fields[key].type).endswith("!")] == []


def test_a_coerced_input_gets_its_python_names() -> None:
    """Nested objects and lists of them as well."""
    assert python_names(
        REGISTRY["create_account"],
        {"name": "Acme", "billingAddress": {"line1": "1 Road", "postalCode": "12345"}, "idempotencyKey": "k"},
    ) == {
        "name": "Acme",
        "billing_address": {"line1": "1 Road", "postal_code": "12345"},
        "idempotency_key": "k",
    }

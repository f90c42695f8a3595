"""Who asks for what, and how is the answer fetched? The planner reads; it writes nothing."""

from graphql_api.planner.condition import ArgumentRefused
from graphql_api.planner.fetch import Statement
from graphql_api.planner.page import PageSizes
from graphql_api.planner.planner import Answer, Planner

__all__ = ["Answer", "ArgumentRefused", "PageSizes", "Planner", "Statement"]

"""What did the server do, and how long did it take? Figures for Prometheus, where a setting asks for them."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import choose_encoder

# Seconds. A small history takes half a millisecond, and no operation longer than its timeout.
_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The figures of one server, of this process alone. It may be told from any thread."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._operations = Histogram(
            "sales_graphql_operation_duration_seconds",
            "Time from the question to the answer, waiting included, by type of operation and first error.",
            ("type", "code"),
            registry=self._registry,
            buckets=_BUCKETS,
        )
        self._commands = Counter(
            "sales_graphql_commands",
            "Commands by name and outcome: DONE, REPEATED, DRY_RUN, or the code of the refusal.",
            ("command", "outcome"),
            registry=self._registry,
        )
        self._retries = Counter(
            "sales_graphql_command_retries",
            "Commands that met another's lock and began anew.",
            registry=self._registry,
        )

    def operation(self, kind: str, code: str, seconds: float) -> None:
        """Count an operation that was answered; ``code`` is OK, or that of its first error."""
        self._operations.labels(kind, code).observe(seconds)

    def command(self, name: str, outcome: str) -> None:
        """Count a command that was carried out or refused."""
        self._commands.labels(name, outcome).inc()

    def retry(self) -> None:
        """Count a command that begins anew."""
        self._retries.inc()

    def watch(self, name: str, words: str, value: Callable[[], float]) -> None:
        """Tell a figure as it is whenever it is asked for."""
        Gauge(f"sales_graphql_{name}", words, registry=self._registry).set_function(value)

    def page(self, accept: str) -> tuple[bytes, str]:
        """Return all figures in the format that a client takes, and its media type."""
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type

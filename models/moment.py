"""When, and under whose house rules, does a command or a question run?

Time is given, not taken: whoever runs a command hands in the instant, so that expiry and due dates
can be tested, and every row of one transaction bears the same one.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Organization:
    """The one company that a deployment serves, and its choices."""

    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    currency_code: str = "EUR"
    quote_validity_days: int = 30
    payment_terms_days: int = 30


@dataclass(frozen=True)
class Moment:
    """An instant, seen from the organisation's time zone."""

    now: datetime
    organization: Organization

    @property
    def today(self) -> date:
        """The calendar day of the organisation: what valid-until and due dates are compared with."""
        return self.now.astimezone(self.organization.time_zone).date()

    def in_days(self, days: int) -> date:
        """Return the calendar day ``days`` after today."""
        return self.today + timedelta(days=days)

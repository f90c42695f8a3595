"""Are the settings read once, with clear words about what cannot be used?"""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from graphql_api.settings import SettingError, Settings, described, variable_of
from models.moment import Moment


def test_defaults_need_no_environment() -> None:
    """An empty environment gives the embedded database on this machine."""
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert settings.url == "sqlite:///.data/sales.db"
    assert (settings.host, settings.port, settings.graphiql) == ("127.0.0.1", 8000, True)


def test_each_kind_of_value_is_read_from_text() -> None:
    """Text, numbers, truth, folders, zones and lists."""
    settings = Settings.from_environment(
        {
            "SALES_DATABASE_URL": "postgresql://sales@db/sales",
            "SALES_PORT": "9000",
            "SALES_OPERATION_TIMEOUT_SECONDS": "2.5",
            "SALES_GRAPHIQL": "no",
            "SALES_DATA_DIRECTORY": "data",
            "SALES_TIME_ZONE": "Europe/Berlin",
            "SALES_ALLOWED_ORIGINS": "https://a.example, https://b.example",
            "SALES_NUMBER_PATTERNS": "I=RE-{year}-{number:05}, C=GS{yy}{number:06}",
            "OTHER_PORT": "1",
        }
    )
    assert settings.url == "postgresql://sales@db/sales"
    assert settings.port == 9000
    assert settings.operation_timeout_seconds == 2.5
    assert settings.graphiql is False
    assert settings.data_directory == Path("data")
    assert settings.time_zone == ZoneInfo("Europe/Berlin")
    assert settings.allowed_origins == ("https://a.example", "https://b.example")
    assert settings.organization.number_patterns == (
        ("I", "RE-{year}-{number:05}"), ("C", "GS{yy}{number:06}"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("variable", "text", "words"),
    [
        ("SALES_PORT", "eighty", "SALES_PORT takes a whole number, and 'eighty' is not."),
        ("SALES_GRAPHIQL", "maybe", "SALES_GRAPHIQL takes true or false, and 'maybe' is not."),
        ("SALES_TIME_ZONE", "Nowhere/City", "SALES_TIME_ZONE takes an IANA time zone like Europe/Berlin"),
        ("SALES_MAX_DEPTH", "0", "SALES_MAX_DEPTH is 0; it has to be at least 1."),
        ("SALES_BASE_CURRENCY", "euro", "SALES_BASE_CURRENCY is 'euro'; it takes a code like EUR."),
        (
            "SALES_NUMBER_PATTERNS",
            "I=I-{year}",
            "SALES_NUMBER_PATTERNS: 'I-{year}' is not a pattern like 'I-{year}-{number:05}': ",
        ),
        ("SALES_KEY_PEPPER", "x" * 65, "SALES_KEY_PEPPER has 65 bytes; at most 64 are used."),
        (
            "SALES_TRUSTED_DOCUMENTS",
            "SALES,BOSS",
            "SALES_TRUSTED_DOCUMENTS names 'BOSS'; it takes some of ADMIN, SALES, ",
        ),
        ("SALES_PROT", "8000", "SALES_PROT is not a setting; the settings are "),
    ],
)
def test_unusable_value_is_refused_by_its_variable(variable: str, text: str, words: str) -> None:
    """The message names the variable and what it takes."""
    with pytest.raises(SettingError) as caught:
        Settings.from_environment({variable: text})
    assert str(caught.value).startswith(words)


def test_refused_database_url_is_not_repeated() -> None:
    """A URL may hold a password, which does not belong into a message."""
    with pytest.raises(SettingError) as caught:
        Settings.from_environment({"SALES_DATABASE_URL": "hunter2"})
    assert str(caught.value) == (
        "SALES_DATABASE_URL is not a database URL; postgresql://user@host/name is one."
    )


def test_settings_cannot_be_changed() -> None:
    """What was read stays as it is."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]  # The point of the test.


def test_organization_gives_commands_their_calendar_day() -> None:
    """The zone of the settings is the one that due dates are counted in."""
    organization = Settings(time_zone=ZoneInfo("Asia/Tokyo"), base_currency="JPY").organization
    assert organization.currency_code == "JPY"
    assert Moment(datetime(2026, 1, 1, 20, tzinfo=UTC), organization).today.isoformat() == "2026-01-02"


def test_every_setting_is_described() -> None:
    """Each has a variable, a unit and a reason."""
    rows = described()
    assert [row[0] for row in rows] == [variable_of(each.name) for each in dataclasses.fields(Settings)]
    assert all(unit and reason for _, _, unit, reason in rows)
    assert ("SALES_PORT", "8000", "TCP port", "what uvicorn users expect") in rows

"""Where do invoices and goods go?"""

import re
from dataclasses import dataclass
from typing import Annotated

from sqlmodel import Field

from models.errors import Invalid, Path
from models.lifecycle import Change
from models.record import Record

# ISO 3166-1 alpha-2.
_COUNTRY = re.compile(r"[A-Z]{2}")


class Address(Record, table=True):
    """A postal address. Never changed once it is written: a document keeps the address it was made with."""

    __tablename__ = "address"

    line1: str = Field(max_length=200)
    line2: str | None = Field(default=None, max_length=200)
    postal_code: str | None = Field(default=None, max_length=20)
    city: str = Field(max_length=100)
    region: str | None = Field(default=None, max_length=100)
    # ISO 3166-1 alpha-2.
    country_code: str = Field(max_length=2)


@dataclass
class PostalAddress:
    """A postal address as it is typed."""

    line1: Annotated[str, "Street and number."]
    city: Annotated[str, "City."]
    country_code: Annotated[str, "Country, ISO 3166-1 alpha-2, for example DE."]
    line2: Annotated[str | None, "What else it takes: floor, department, building."] = None
    postal_code: Annotated[str | None, "Postal code."] = None
    region: Annotated[str | None, "State, province or canton."] = None


def write_address(change: Change, address: PostalAddress, path: Path) -> Address:
    """Write an address down.

    Raises:
        Invalid: street or city are empty, or the country is not two capital letters.
    """
    for name in ("line1", "city"):
        if not getattr(address, name):
            message = f"An address needs {name}."
            raise Invalid(message, path=(*path, name))
    if not _COUNTRY.fullmatch(address.country_code):
        message = f"{address.country_code!r} is not a country of ISO 3166-1 alpha-2, such as DE."
        raise Invalid(message, path=(*path, "countryCode"))
    return change.add(change.new(Address, **vars(address)))

"""By which hash does a request name its document?

Three forms say the same: ``extensions.persistedQuery.sha256Hash`` of Apollo's protocol, ``documentId`` as
``sha256:…`` (GraphQL over HTTP, appendix on persisted documents), and ``documentId`` as the bare hash.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from graphql_api.errors import ErrorCode, RequestRefused, graphql_error

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PREFIX = "sha256:"
# The one version that Apollo's protocol has.
_VERSION = 1


@dataclass(frozen=True)
class Reference:
    """The hash of a document. Clients of Apollo's protocol look for the protocol's own words in an error."""

    sha256: str
    is_apollos: bool = False


def is_referring(parts: Mapping[str, Any]) -> bool:
    """Say whether a request names its document in one of the forms, rightly or not."""
    return parts.get("documentId") is not None or _apollos(parts) is not None


def reference_of(parts: Mapping[str, Any]) -> Reference | None:
    """Return the hash by which a request names its document, None where it names none.

    Raises:
        RequestRefused: it is no SHA-256, of another version of the protocol, or two forms differ.
    """
    by_id, by_extension = _of_document_id(parts.get("documentId")), _of_extension(_apollos(parts))
    if by_id is not None and by_extension is not None and by_id.sha256 != by_extension.sha256:
        message = "`documentId` and `extensions.persistedQuery` name two documents; send one of them."
        raise unusable(message)
    return by_extension or by_id


def unusable(message: str) -> RequestRefused:
    """Return the refusal of a request whose hash cannot be used."""
    return RequestRefused(
        [graphql_error(ErrorCode.BAD_USER_INPUT, message)], HTTPStatus.BAD_REQUEST, of_transport=True
    )


def _apollos(parts: Mapping[str, Any]) -> Any:
    """Return the extension of Apollo's protocol."""
    return (parts.get("extensions") or {}).get("persistedQuery")


def _of_document_id(name: str | None) -> Reference | None:
    """Return what a ``documentId`` refers to."""
    if name is None:
        return None
    sha256 = name.removeprefix(_PREFIX)
    if not _SHA256.fullmatch(sha256):
        message = (
            "`documentId` has to be the SHA-256 of the document's text in UTF-8, as 64 lower-case hex "
            f"digits, with {_PREFIX} before them or without."
        )
        raise unusable(message)
    return Reference(sha256)


def _of_extension(extension: Any) -> Reference | None:
    """Return what an extension of Apollo's protocol refers to."""
    if extension is None:
        return None
    given = extension if isinstance(extension, dict) else {}
    version, sha256 = given.get("version"), given.get("sha256Hash")
    if type(version) is not int or version != _VERSION:
        message = f"`extensions.persistedQuery` has to be an object with `version`: {_VERSION}."
        raise unusable(message)
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        message = (
            "`extensions.persistedQuery.sha256Hash` has to be the SHA-256 of the document's text in UTF-8, "
            "as 64 lower-case hex digits."
        )
        raise unusable(message)
    return Reference(sha256, is_apollos=True)

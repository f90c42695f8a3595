"""Why is a record in its state, on the wire?"""

from graphql_api.types.backed import backed_by, column
from models.status import StatusReason as StatusReasonTable


@backed_by(StatusReasonTable, is_node=False)
class StatusReason:
    """Why a record is in its state. A company may add reasons; each belongs to one state."""

    code = column("Stable code, for programs, for example PRESENTED.")
    label = column("The reason in the company's words.")

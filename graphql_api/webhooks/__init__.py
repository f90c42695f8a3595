"""How do committed events reach the programs that are to be told of them?

Which messages there are to send is kept in the database (models/webhook); here one is written and signed
(``message``), sent (``sending``), and all of them are seen to (``courier``).
"""

from graphql_api.webhooks.courier import Courier

__all__ = ["Courier"]

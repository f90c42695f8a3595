"""How is the program started? ``python -m graphql_api``."""

from graphql_api.cli import main

if __name__ == "__main__":
    main()

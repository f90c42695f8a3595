"""How is the program started? ``python -m graphql_api``, or ``sales-graphql``."""

import gc
from importlib import import_module


def main() -> None:
    """Load the program and run its command line.

    Loading makes some hundred thousand objects which all stay: the garbage collector would look through them
    dozens of times and find nothing, for a fifth of the time that a server takes to start. Afterwards it
    leaves them alone.
    """
    gc.disable()
    program = import_module("graphql_api.cli")
    gc.freeze()
    gc.enable()
    program.main()


if __name__ == "__main__":
    main()

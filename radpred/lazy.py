"""Names of a package that are loaded when first used, so that what is not used costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def looked_up(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return what a package calls ``__getattr__``: it finds a name in the module that holds it.

    Parameters
    ----------
    package : str
        The package.
    homes : dict of str to str
        From each name to the module that holds it. No module of the package has such a name.

    Examples
    --------
    >>> look_up = looked_up("radpred", {"Grid": "radpred.image"})
    >>> look_up("Grid").__name__
    'Grid'
    """

    def look_up(name: str) -> Any:
        if name not in homes:
            msg = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(msg)
        return getattr(import_module(homes[name]), name)

    return look_up

"""What the oldest CuPy release has that radpred asks for: ``release.txt``, made by ``record``."""

from __future__ import annotations

import ast
from functools import cache
from inspect import Parameter, Signature
from pathlib import Path

FILE = Path(__file__).with_name("release.txt")


@cache
def names() -> dict[str, Signature | None]:
    """Return every name, with its parameters where it is called and they are known."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return dict(read(line) for line in lines if not line.startswith("#"))


def parameters(name: str) -> Signature | None:
    """Return the parameters of a name, or None where it has none.

    Raises
    ------
    AttributeError
        The release lacks it.
    """
    if name not in names():
        msg = f"CuPy has no {name}"
        raise AttributeError(msg)
    return names()[name]


def read(line: str) -> tuple[str, Signature | None]:
    """Return the name and the parameters of a line."""
    name, has_parameters, rest = line.partition("(")
    if not has_parameters:
        return name, None
    inside = rest.removesuffix(")")
    definition = ast.parse(f"def f({inside}): ...").body[0]
    assert isinstance(definition, ast.FunctionDef)
    return name, Signature(list(_parameters(definition.args)))


def _parameters(found: ast.arguments) -> list[Parameter]:
    """Return parameters in order."""
    positional = [
        *((each.arg, Parameter.POSITIONAL_ONLY) for each in found.posonlyargs),
        *((each.arg, Parameter.POSITIONAL_OR_KEYWORD) for each in found.args),
    ]
    n_needed = len(positional) - len(found.defaults)
    made = [
        Parameter(name, kind, default=Parameter.empty if number < n_needed else None)
        for number, (name, kind) in enumerate(positional)
    ]
    if found.vararg:
        made.append(Parameter(found.vararg.arg, Parameter.VAR_POSITIONAL))
    for each, default in zip(found.kwonlyargs, found.kw_defaults, strict=True):
        has_default = default is not None
        made.append(
            Parameter(
                each.arg, Parameter.KEYWORD_ONLY, default=None if has_default else Parameter.empty
            )
        )
    if found.kwarg:
        made.append(Parameter(found.kwarg.arg, Parameter.VAR_KEYWORD))
    return made

"""Write down what a CuPy release offers: ``python -m fake_cupy.record``, where CuPy is installed.

Its wheel imports without a card. Only names and parameters are kept, none of its code.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

RELEASE = Path(__file__).with_name("release.txt")
MODULES = (
    "cupy",
    "cupy.fft",
    "cupy.linalg",
    "cupyx",
    "cupyx.scipy.fft",
    "cupyx.scipy.ndimage",
    "cupyx.scipy.spatial",
)
# What speaks of the card itself; the rest of these modules is of no use here.
OF_THE_CARD = (
    "cupy.cuda.Device",
    "cupy.cuda.Device.mem_info",
    "cupy.cuda.Device.pci_bus_id",
    "cupy.cuda.MemoryPool.free_all_blocks",
    "cupy.cuda.MemoryPool.free_bytes",
    "cupy.cuda.memory.OutOfMemoryError",
    "cupy.cuda.runtime.CUDARuntimeError",
    "cupy.cuda.runtime.getDeviceCount",
    "cupy.cuda.runtime.getDeviceProperties",
)


def described() -> Iterator[str]:
    """Yield a line for each name: with its parameters, where they can be known."""
    cupy = import_module("cupy")
    yield f"# CuPy {cupy.__version__}"
    for module in MODULES:
        found = import_module(module)
        for name in sorted(vars(found)):
            thing = getattr(found, name)
            is_public = not name.startswith("_") and name != "annotations"
            if is_public and not inspect.ismodule(thing):
                yield f"{module}.{name}{parameters_of(thing)}"
    for name in sorted(dir(cupy.ndarray)):
        if not name.startswith("_"):
            yield f"cupy.ndarray.{name}{parameters_of(getattr(cupy.ndarray, name))}"
    for name in OF_THE_CARD:
        found_of(name)
        yield name


def found_of(name: str) -> Any:
    """Return what a dotted name stands for, in the CuPy that is installed."""
    first, *rest = name.split(".")
    thing = import_module(first)
    for part in rest:
        if not hasattr(thing, part):
            import_module(f"{thing.__name__}.{part}")
        thing = getattr(thing, part)
    return thing


def parameters_of(thing: Any) -> str:
    """Return parameters as they are written in a definition, every default as three dots.

    Nothing for what is not called. Compiled methods say theirs in their docstring.
    """
    if not callable(thing) or getattr(thing, "__module__", "") == "numpy":
        return ""
    if type(thing).__name__ == "ufunc":
        given = ", ".join(f"x{number + 1}" for number in range(thing.nin))
        return f"({given}, /, out=..., *, casting=..., dtype=...)"
    try:
        signature = str(inspect.signature(thing))
    except (TypeError, ValueError):
        lines = (getattr(thing, "__doc__", None) or "").strip().splitlines() or [""]
        match = re.match(r"[\w.]+(\(.*\))", lines[0])
        if match is None:
            return ""
        signature = match[1].replace("\\*", "*")
    return _without_values(signature)


def _without_values(signature: str) -> str:
    """Return a signature without annotations, and with three dots for each default."""
    inside = signature[1 : signature.rindex(")")]
    names = []
    for part in _parts(inside):
        name, has_default, _ = part.partition("=")
        name = name.partition(":")[0].split()[-1]  # compiled functions write a type in front
        names.append(f"{name}=..." if has_default else name)
    return f"({', '.join(name for name in names if name != 'self')})"


def _parts(inside: str) -> list[str]:
    """Return what stands between commas that are in no brackets and no quotes."""
    parts, depth = [""], 0
    for sign in re.findall(r"'[^']*'|.", inside):
        depth += (sign in "([{<") - (sign in ")]}>")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts if part.strip()]


if __name__ == "__main__":
    RELEASE.write_text("\n".join(described()) + "\n", encoding="utf-8")

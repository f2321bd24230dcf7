"""Loops that are compiled when first called, once for every processor, and kept."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from functools import cache, update_wrapper
from importlib.metadata import PackageNotFoundError, version
from types import FunctionType
from typing import Any, cast

from radpred.kernels import _code_store
from radpred.kernels._machine_code import (
    Kinds,
    MachineCode,
    is_complete,
    kind_of,
    loaded,
    processor,
    translate,
)
from radpred.version import __version__

_log = logging.getLogger("radpred")


class Kernel:
    """A loop as a function: compiled for the kinds of arguments that it is called with.

    Parameters
    ----------
    function : function
        What to compile.
    """

    def __init__(self, function: FunctionType) -> None:
        update_wrapper(self, function)
        self.function = function
        self._entries: dict[Kinds, Callable[..., Any]] = {}
        self._lock = threading.Lock()

    def __call__(self, *arguments: Any) -> Any:
        """Run the loop on contiguous arrays, integers and floats."""
        kinds = tuple(map(kind_of, arguments))
        entry = self._entries.get(kinds)
        if entry is None:
            with self._lock:
                entry = self._entries.get(kinds) or self._found(kinds) or self._made(kinds)
                self._entries[kinds] = entry
        return entry(*arguments)

    def _found(self, kinds: Kinds) -> Callable[..., Any] | None:
        """Return the loop from code that was kept, if any was."""
        kept = _code_store.read(self._name(kinds))
        code = None if kept is None else MachineCode.from_bytes(kept)
        return None if code is None or not is_complete(code) else loaded(code, kinds)

    def _made(self, kinds: Kinds) -> Callable[..., Any]:
        """Return the loop compiled now, unless another process did while this one waited."""
        with _code_store.one_at_a_time():
            found = self._found(kinds)
            if found is not None:
                return found
            _say_compiling()
            code = translate(self.function, kinds, _called)
            if _code_store.keep(self._name(kinds), code.to_bytes()) is None:
                _say_not_kept()
        return loaded(code, kinds)

    def _name(self, kinds: Kinds) -> str:
        """Return the name of the file, which holds a digest of all that the code depends on."""
        digest = hashlib.sha256()
        for fact in (*_facts(self.function), kinds, processor(), _versions()):
            digest.update(repr(fact).encode())
        place = self.function.__module__.split(".")[-2:][0]
        return f"{place}.{self.function.__name__}-{digest.hexdigest()[:24]}.code"


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a loop when it is first called.

    The loop takes contiguous arrays and numbers, writes into arrays that it is given, allocates
    nothing, and returns nothing or a few numbers. It may call other compiled loops. With Numba's
    switch ``NUMBA_DISABLE_JIT`` it stays as it is, for debuggers.
    """
    is_off = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
    return function if is_off else Kernel(cast(FunctionType, function))


def _called(function: FunctionType) -> dict[str, FunctionType]:
    """Return the compiled loops that a function calls, by name."""
    known = {name: function.__globals__.get(name) for name in function.__code__.co_names}
    return {name: each.function for name, each in known.items() if isinstance(each, Kernel)}


def _facts(function: FunctionType) -> Iterator[object]:
    """Yield what the code of a function depends on: its instructions, numbers, and inner loops."""
    code = function.__code__
    yield code.co_code, code.co_consts, code.co_names
    for name in code.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, int | float | tuple):
            yield name, value
    for inner in _called(function).values():
        yield from _facts(inner)


@cache
def _versions() -> tuple[str, ...]:
    """Return the versions of what writes the code and calls it."""
    found = [__version__]
    for name in ("numba", "llvmlite"):
        try:
            found.append(version(name))
        except PackageNotFoundError:  # a frozen program
            found.append("")
    return tuple(found)


@cache
def _say_compiling() -> None:
    """Tell the user, once, why nothing happens for a while."""
    # As a log entry: it shows on a terminal and in a notebook without any set-up, and cannot
    # become an error where warnings are errors.
    _log.warning("radpred: compiling its loops for this machine, once; some seconds")


@cache
def _say_not_kept() -> None:
    """Tell the user, once, that every process will compile anew, and what to do."""
    tried = ", ".join(str(folder) for folder in _code_store.folders())
    _log.warning(
        "radpred: compiled code cannot be kept in any of %s, so that every start compiles anew; "
        "set RADPRED_CACHE_DIR to a folder that can be written",
        tried,
    )

"""Arrays on a made-up card: a NumPy array inside, which nobody gets without asking."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from fake_cupy.memory import card
from fake_cupy.release import parameters

_IMPLICIT = (
    "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a "
    "NumPy array explicitly."
)


class ndarray:  # noqa: N801 - its name is CuPy's
    """An array of the stand-in."""

    __module__ = "cupy"

    def __init__(self, host: np.ndarray) -> None:
        self._host = host
        # Views live as long as what they look at, here as on a card.
        card().memory.hold(self, host)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(_IMPLICIT)

    def __array_function__(self, function: Any, *args: Any) -> Any:
        msg = f"numpy.{function.__name__} was called with an array on a device"
        raise TypeError(msg)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Let NumPy's numbers stand on the left of an operator; refuse all else."""
        has_number = any(isinstance(each, np.generic) for each in inputs)
        if method != "__call__" or kwargs or not has_number:
            msg = f"numpy.{ufunc.__name__} was called with an array on a device"
            raise TypeError(msg)
        return wrapped(ufunc(*map(unwrapped, inputs)))

    def get(self, stream: Any = None, order: str = "C", out: Any = None) -> np.ndarray:
        """Return a copy on the host."""
        card().down.append(self._host.nbytes)
        return self._host.copy()

    def __getitem__(self, index: Any) -> ndarray:
        return wrapped(self._host[_index(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        self._host[_index(index)] = unwrapped(value)

    def __len__(self) -> int:
        return len(self._host)

    def __iter__(self) -> Any:
        msg = "iterating over an array on a device fetches it piece by piece; index it"
        raise TypeError(msg)

    def __repr__(self) -> str:
        return repr(self._host)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        known = parameters(f"cupy.ndarray.{name}")
        found = getattr(self._host, name)
        if known is None:  # not a method
            return wrapped(found)
        if name in ("tolist", "item"):
            card().down.append(self._host.nbytes)

        def method(*args: Any, **kwargs: Any) -> Any:
            known.bind(*args, **kwargs)
            return wrapped(found(*unwrapped(args), **unwrapped(kwargs)))

        return method


def wrapped(value: Any) -> Any:
    """Return arrays and NumPy's numbers as arrays on the card; numbers have no dimension there."""
    if isinstance(value, np.ndarray):
        return ndarray(value)
    if isinstance(value, np.generic):
        return ndarray(np.array(value))
    if isinstance(value, tuple):  # also one whose places have names, as CuPy's have not
        return tuple(wrapped(each) for each in value)
    if isinstance(value, list):
        return [wrapped(each) for each in value]
    return value


def unwrapped(value: Any) -> Any:
    """Return what arrays on the card hold, and refuse those that are not there."""
    if isinstance(value, ndarray):
        return value._host
    if isinstance(value, np.ndarray):
        msg = f"Unsupported type {type(value)}"
        raise TypeError(msg)
    if isinstance(value, tuple | list):
        return type(value)(unwrapped(each) for each in value)
    if isinstance(value, dict):
        return {key: unwrapped(each) for key, each in value.items()}
    return value


def _index(index: Any) -> Any:
    """Return an index as NumPy takes it."""
    if isinstance(index, list):
        msg = "a list as an index goes to the device each time; make it an array there"
        raise TypeError(msg)
    if isinstance(index, slice):
        ends = (index.start, index.stop, index.step)
        return slice(*(int(each) if isinstance(each, ndarray) else each for each in ends))
    if isinstance(index, tuple):
        return tuple(map(_index, index))
    return unwrapped(index)


def _between(name: str, *, is_reflected: bool = False) -> Callable[[ndarray, Any], Any]:
    """Return an operator of two."""
    function = getattr(operator, name)

    def operate(self: ndarray, other: Any) -> Any:
        if not isinstance(other, ndarray | np.ndarray | np.generic | bool | int | float | complex):
            return NotImplemented
        pair = (unwrapped(self), unwrapped(other))
        return wrapped(function(*(pair[::-1] if is_reflected else pair)))

    return operate


def _in_place(name: str) -> Callable[[ndarray, Any], ndarray]:
    """Return an operator that changes its first."""
    function = getattr(operator, name)

    def operate(self: ndarray, other: Any) -> ndarray:
        self._host = function(self._host, unwrapped(other))
        return self

    return operate


def _of_one(name: str) -> Callable[[ndarray], Any]:
    """Return an operator of one."""
    function = getattr(operator, name)
    return lambda self: wrapped(function(self._host))


def _number(kind: Callable[[Any], Any]) -> Callable[[ndarray], Any]:
    """Return what makes a number of an array that holds one."""

    def convert(self: ndarray) -> Any:
        if self._host.size != 1:
            msg = "only arrays of one element become a number"
            raise TypeError(msg)
        card().n_scalars += 1
        return kind(self._host.reshape(())[()])

    return convert


_TWO = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lshift", "rshift")
for _name in (*_TWO, "and_", "or_", "xor"):
    _plain = _name.rstrip("_")
    setattr(ndarray, f"__{_plain}__", _between(_name))
    setattr(ndarray, f"__r{_plain}__", _between(_name, is_reflected=True))
    setattr(ndarray, f"__i{_plain}__", _in_place(f"i{_plain}"))
for _name in ("lt", "le", "eq", "ne", "gt", "ge"):
    setattr(ndarray, f"__{_name}__", _between(_name))
for _name in ("neg", "pos", "abs", "invert"):
    setattr(ndarray, f"__{_name}__", _of_one(_name))
for _kind in (float, int, bool, complex):
    setattr(ndarray, f"__{_kind.__name__}__", _number(_kind))
ndarray.__index__ = _number(operator.index)  # type: ignore[attr-defined]
ndarray.__hash__ = None  # type: ignore[assignment]

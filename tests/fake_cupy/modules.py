"""Modules of the stand-in: every name that the release has, done by NumPy or SciPy."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import scipy

from fake_cupy.arrays import ndarray, unwrapped, wrapped
from fake_cupy.memory import CUDARuntimeError, OutOfMemoryError, card
from fake_cupy.release import names, parameters

_TWINS = {
    "cupy": "numpy",
    "cupy.fft": "numpy.fft",
    "cupy.linalg": "numpy.linalg",
    "cupyx.scipy.fft": "scipy.fft",
    "cupyx.scipy.ndimage": "scipy.ndimage",
    "cupyx.scipy.spatial": "scipy.spatial",
}
_PACKAGES = ("cupyx", "cupyx.scipy", "cupy.cuda")


def built() -> dict[str, ModuleType]:
    """Return the modules by name."""
    modules = {name: ModuleType(name) for name in (*_PACKAGES, *_TWINS)}
    for name, module in modules.items():
        module.__path__ = []  # type: ignore[attr-defined]
        module.__spec__ = ModuleSpec(name, None)
        parent, _, last = name.rpartition(".")
        if parent in modules:
            setattr(modules[parent], last, module)
    for full in names():
        module_name, _, name = full.rpartition(".")
        if module_name in _TWINS:
            setattr(modules[module_name], name, _twin(module_name, name))
    _add_what_numpy_lacks(modules)
    return modules


def _twin(module: str, name: str) -> Any:
    """Return the function of a name; one that fails where NumPy or SciPy has none."""
    full = f"{module}.{name}"
    found = getattr(importlib.import_module(_TWINS[module]), name, None)
    known = parameters(full)
    if known is None and not isinstance(found, np.ufunc):
        return found
    return _checked(full, found)


def _checked(full: str, function: Callable[..., Any] | None) -> Callable[..., Any]:
    """Return a function that takes what the release's takes, and arrays on the card alone."""
    known = parameters(full)

    def called(*args: Any, **kwargs: Any) -> Any:
        if function is None:
            msg = f"the stand-in does not do {full}"
            raise NotImplementedError(msg)
        if known is not None:
            known.bind(*args, **kwargs)
        _refuse_what_cupy_refuses(full, args, kwargs)
        out = kwargs.get("out")
        made = wrapped(function(*unwrapped(args), **unwrapped(kwargs)))
        return made if out is None else out

    called.__name__ = full.rpartition(".")[2]
    return called


def _refuse_what_cupy_refuses(full: str, args: Any, kwargs: Any) -> None:
    """Raise where CuPy takes less than NumPy under the same names."""
    if full == "cupy.repeat" and isinstance((*args, *kwargs.values())[1], ndarray):
        msg = "CuPy repeats by numbers, not by an array of them"
        raise TypeError(msg)
    if full == "cupy.lexsort" and not isinstance(args[0], ndarray):
        msg = "CuPy sorts by the rows of one array, not by a tuple"
        raise TypeError(msg)
    if full == "cupy.bincount" and args[0].dtype.kind not in "iub":
        msg = "CuPy counts whole numbers"
        raise TypeError(msg)
    if full == "cupy.bincount" and not args[0].size:
        msg = "zero-size array to reduction operation maximum which has no identity"
        raise ValueError(msg)


def _array(value: Any, dtype: Any = None, **kwargs: Any) -> ndarray:
    """Put an array on the card."""
    if isinstance(value, ndarray):
        return ndarray(np.array(value._host, dtype=dtype))
    return _sent(np.array(unwrapped_list(value), dtype=dtype))


def _asarray(value: Any, dtype: Any = None, order: Any = None, **kwargs: Any) -> ndarray:
    """Return an array on the card, put there if it is not."""
    if isinstance(value, ndarray):
        same = dtype is None or value._host.dtype == np.dtype(dtype)
        return value if same else ndarray(value._host.astype(dtype))
    return _sent(np.array(unwrapped_list(value), dtype=dtype))


def _ascontiguousarray(value: ndarray, dtype: Any = None) -> ndarray:
    """Return an array on the card whose rows follow each other."""
    if not isinstance(value, ndarray):
        return _asarray(value, dtype)
    made = np.ascontiguousarray(value._host, dtype=dtype)
    return value if made is value._host else ndarray(made)


def unwrapped_list(value: Any) -> Any:
    """Return a list of numbers on the card as one on the host, and all else as it is."""
    if isinstance(value, list | tuple):
        return type(value)(unwrapped_list(each) for each in value)
    return value._host if isinstance(value, ndarray) else value


def _sent(host: np.ndarray) -> ndarray:
    """Return a host's array on the card, and count it."""
    if not card().n_devices:
        msg = "cudaErrorNoDevice: no CUDA-capable device is detected"
        raise CUDARuntimeError(msg)
    made = ndarray(host)
    card().up.append(host.nbytes)
    return made


class _Tree:
    """A k-d tree on the card."""

    def __init__(self, data: ndarray, **kwargs: Any) -> None:
        self._tree = scipy.spatial.KDTree(unwrapped(data), **kwargs)

    def query(self, x: ndarray, k: int = 1) -> Any:
        """Return distances and places of the nearest points."""
        return wrapped(tuple(map(np.asarray, self._tree.query(unwrapped(x), k=k))))


class _Device:
    """The card in use."""

    id = 0
    pci_bus_id = "0000:00:00.0"

    @property
    def mem_info(self) -> tuple[float, float]:
        """Return free and total bytes."""
        memory = card().memory
        return memory.total - memory.used, memory.total


def _device_count() -> int:
    """Return how many cards there are, or raise as a machine without a driver does."""
    if not card().n_devices:
        msg = "cudaErrorNoDevice: no CUDA-capable device is detected"
        raise CUDARuntimeError(msg)
    return card().n_devices


def _add_what_numpy_lacks(modules: dict[str, ModuleType]) -> None:
    """Add what is CuPy's own."""
    cupy, cuda, cupyx = modules["cupy"], modules["cupy.cuda"], modules["cupyx"]
    cupy.__dict__.update(
        ndarray=ndarray,
        array=_array,
        asarray=_asarray,
        ascontiguousarray=_ascontiguousarray,
        asnumpy=lambda a: a.get(),
        is_available=lambda: card().n_devices > 0,
        get_default_memory_pool=lambda: SimpleNamespace(
            free_all_blocks=lambda: None, free_bytes=lambda: 0
        ),
    )
    cuda.__dict__.update(
        Device=_Device,
        memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
        runtime=SimpleNamespace(
            CUDARuntimeError=CUDARuntimeError,
            getDeviceCount=_device_count,
            getDeviceProperties=lambda number: {"name": b"Made-up card"},
        ),
    )
    for name, ufunc in (("add", np.add), ("min", np.minimum), ("max", np.maximum)):
        setattr(cupyx, f"scatter_{name}", _checked(f"cupyx.scatter_{name}", ufunc.at))
    modules["cupyx.scipy.spatial"].KDTree = _Tree

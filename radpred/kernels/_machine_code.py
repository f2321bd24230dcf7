"""From a loop to machine code and back: Numba writes it, LLVM alone loads it.

Importing Numba and readying it costs more than measuring a region, and a process that loads code
needs neither: it hands the object file to LLVM and calls the function in it by its address.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from types import FunctionType
from typing import Any

import numpy as np
from llvmlite import binding

Kind = tuple[str, int, bool]  # type, number of dimensions (0: a number), whether it can be written
Kinds = tuple[Kind, ...]
Called = Callable[[FunctionType], dict[str, FunctionType]]

# Without a runtime nothing is allocated, and without wrappers nothing of Python is referred to.
_OPTIONS = {
    "error_model": "numpy",
    "_nrt": False,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
_SCALARS: dict[str, Any] = {"int64": ctypes.c_int64, "float64": ctypes.c_double}


@dataclass(frozen=True)
class MachineCode:
    """A loop for arguments of some kinds, on some processor.

    Parameters
    ----------
    symbol : str
        The function's name in the object file.
    returns : list of str
        The types of the numbers it returns; several make a tuple.
    needs : list of str
        The symbols that the object file refers to.
    content : bytes
        The object file.
    """

    symbol: str
    returns: list[str]
    needs: list[str]
    content: bytes

    def to_bytes(self) -> bytes:
        """Return the code as it is kept: a checksum, a line that describes it, the object file."""
        about = {key: value for key, value in asdict(self).items() if key != "content"}
        kept = json.dumps(about).encode() + b"\n" + self.content
        return hashlib.sha256(kept).digest() + kept

    @classmethod
    def from_bytes(cls, kept: bytes) -> MachineCode | None:
        """Return code that was kept, or None where it is damaged."""
        checksum, rest = kept[:32], kept[32:]
        if hashlib.sha256(rest).digest() != checksum:
            return None
        about, _, content = rest.partition(b"\n")
        return cls(**json.loads(about), content=content)


def kind_of(value: Any) -> Kind:
    """Return what code for an argument depends on.

    Raises
    ------
    TypeError
        An array whose rows do not follow each other in memory.
    """
    if not isinstance(value, np.ndarray):
        return ("float64" if isinstance(value, float) else "int64"), 0, False
    flags = value.flags
    if not flags.c_contiguous:
        msg = (
            f"a compiled loop got an array of shape {value.shape} and strides {value.strides}, "
            "wanted a contiguous one (C order); numpy.ascontiguousarray makes it"
        )
        raise TypeError(msg)
    return value.dtype.str, value.ndim, flags.writeable


def _type_of(kind: Kind, numba: Any) -> Any:
    """Return the kind of an argument as Numba has it."""
    name, n, is_writeable = kind
    if not n:
        return getattr(numba, name)
    return numba.types.Array(numba.from_dtype(np.dtype(name)), n, "C", readonly=not is_writeable)


@cache
def processor() -> tuple[str, str]:
    """Return the name and the features of the processor."""
    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()


def translate(function: FunctionType, kinds: Kinds, called: Called) -> MachineCode:
    """Return the machine code of a function for arguments of some kinds.

    Parameters
    ----------
    function : function
        A loop that allocates nothing, and returns nothing or numbers.
    kinds : tuple of Kind
        As ``kind_of`` gives them.
    called : function
        From a function to those of the same sort that it calls, by the names it knows them by.

    Raises
    ------
    TypeError
        It returns something else. What Numba cannot compile, allocation too, it refuses itself.
    """
    numba = import_module("numba")
    signature = tuple(_type_of(kind, numba) for kind in kinds)
    jitted = _jitted(function, called, numba.njit(**_OPTIONS))
    jitted.compile(signature)
    found = jitted.overloads[signature]
    module = binding.parse_assembly(jitted.inspect_llvm(signature))
    outside = [f.name for f in module.functions if f.is_declaration]
    return MachineCode(
        symbol=found.fndesc.llvm_func_name,
        returns=_names_of(found.signature.return_type),
        needs=[name for name in outside if not name.startswith("llvm.")],
        content=_machine().emit_object(module),
    )


def _jitted(function: FunctionType, called: Called, jit: Callable[[FunctionType], Any]) -> Any:
    """Return a function as Numba wants it, and in it those that it calls."""
    inner = {name: _jitted(each, called, jit) for name, each in called(function).items()}
    known = {**function.__globals__, **inner}
    return jit(FunctionType(function.__code__, known, function.__name__))


def _names_of(returned: Any) -> list[str]:
    """Return the names of the types that a function returns."""
    several = [str(each) for each in getattr(returned, "types", [returned])]
    names = [] if several == ["none"] else several
    if set(names) - set(_SCALARS):
        msg = f"a loop returned {returned}, wanted nothing, or numbers: {', '.join(_SCALARS)}"
        raise TypeError(msg)
    return names


def is_complete(code: MachineCode) -> bool:
    """Tell whether all that machine code refers to is there; LLVM ends the process if not."""
    if all(binding.address_of_symbol(name) for name in code.needs):
        return True
    import_module("numba")  # it loads a library of vector functions, where one is installed
    return all(binding.address_of_symbol(name) for name in code.needs)


def loaded(code: MachineCode, kinds: Kinds) -> Callable[..., Any]:
    """Return a function that runs complete machine code, without Python's lock."""
    machine = _machine()
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
    engine.add_object_file(binding.ObjectFileRef.from_data(code.content))
    engine.finalize_object()
    return _Entry(engine, code, kinds)


def _machine() -> Any:
    """Return LLVM's description of this machine."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    name, features = processor()
    # As Numba has it: LLVM loads no COFF files on Windows.
    triple = binding.get_process_triple() + ("-elf" if sys.platform == "win32" else "")
    return binding.Target.from_triple(triple).create_target_machine(
        cpu=name, features=features, opt=3, codemodel="jitdefault"
    )


class _Entry:
    """Call machine code as Numba's own functions call each other.

    The arguments are where the answer goes and where an error goes, then the numbers, and of every
    array two owners (none), its size, the size of an item, the place, shape and strides.
    """

    def __init__(self, engine: Any, code: MachineCode, kinds: Kinds) -> None:
        self._engine = engine  # holds the memory in which the code lies
        fields = [(f"number_{n}", _SCALARS[name]) for n, name in enumerate(code.returns)]
        self._names = [name for name, _ in fields]
        # Where a function returns nothing, it writes an empty pointer.
        fields.append(("nothing", ctypes.c_void_p))
        self._answer = type("Answer", (ctypes.Structure,), {"_fields_": fields})
        arguments: list[Any] = [ctypes.c_void_p, ctypes.c_void_p]
        word = ctypes.c_ssize_t
        for name, n, _ in kinds:
            array = [ctypes.c_void_p] * 2 + [word] * 2 + [ctypes.c_void_p] + [word] * (2 * n)
            arguments += array if n else [_SCALARS[name]]
        prototype = ctypes.CFUNCTYPE(ctypes.c_int32, *arguments)
        self._run = prototype(engine.get_function_address(code.symbol))

    def __call__(self, *arguments: Any) -> Any:
        """Run the code, and return its numbers."""
        flat: list[Any] = []
        for value in arguments:
            if isinstance(value, np.ndarray):
                place = value.ctypes.data
                flat += (None, None, value.size, value.itemsize, place, *value.shape)
                flat += value.strides
            else:
                flat.append(value)
        answer, error = self._answer(), ctypes.c_void_p()
        if self._run(ctypes.byref(answer), ctypes.byref(error), *flat):
            msg = "a compiled loop stopped with an error"
            raise RuntimeError(msg)
        numbers = tuple(getattr(answer, name) for name in self._names)
        return numbers if len(numbers) > 1 else numbers[0] if numbers else None

"""Loops are compiled once, when first called, and never stand in the way."""

from __future__ import annotations

import logging
import subprocess
import sys
from dataclasses import replace
from types import FunctionType

import numpy as np
import pytest
from numba.core.errors import NumbaError

from radpred.kernels import _code_store, _compiled
from radpred.kernels._compiled import Kernel, compiled
from radpred.kernels._machine_code import MachineCode
from radpred.kernels.size_zone import _numpy as size_zone

SCALE = 3.0


def scaled(values, factor):
    """Multiply values in place; return their number and their sum."""
    total = 0.0
    for i in range(values.size):
        values[i] *= factor * SCALE
        total += values[i]
    return values.size, total


@compiled
def add(values, more):
    for i in range(values.size):
        values[i] += more


@compiled
def add_twice(values, more):
    add(values, more)
    add(values, more)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Return an empty folder, the only one that code is kept in."""
    monkeypatch.setattr(_code_store, "folders", lambda: [tmp_path])
    _compiled._say_compiling.cache_clear()
    _compiled._say_not_kept.cache_clear()
    return tmp_path


@pytest.fixture
def never_compiles(monkeypatch):
    """Return what makes compilation fail from now on."""
    return lambda: monkeypatch.setattr(
        _compiled, "translate", lambda *given: pytest.fail("it compiles")
    )


def test_a_loop_gives_what_python_gives(rng):
    values = rng.normal(size=20)
    expected = values.copy()
    assert Kernel(scaled)(values, 2.0) == scaled(expected, 2.0)
    np.testing.assert_array_equal(values, expected)


def test_a_loop_may_call_another():
    values = np.zeros(3)
    assert add_twice(values, 1.5) is None
    assert values.tolist() == [3.0, 3.0, 3.0]


def test_each_type_of_argument_has_code_of_its_own():
    whole, single = np.zeros(2, dtype=np.int16), np.zeros(2, dtype=np.float32)
    add(whole, 2)
    add(single, 2.5)
    assert (whole.tolist(), single.tolist()) == ([2, 2], [2.5, 2.5])


def test_empty_arrays_are_arrays():
    assert Kernel(scaled)(np.zeros(0), 2.0) == (0, 0.0)


def test_the_next_process_compiles_nothing(never_compiles, caplog):
    Kernel(scaled)(np.ones(2), 2.0)
    never_compiles()
    caplog.clear()
    assert Kernel(scaled)(np.ones(2), 2.0) == (2, 12.0)
    assert caplog.records == []


def test_code_depends_on_the_numbers_that_a_loop_knows(monkeypatch):
    other = FunctionType(scaled.__code__, {**globals(), "SCALE": 4.0})
    other.__module__ = scaled.__module__
    assert Kernel(scaled)(np.ones(2), 1.0) == (2, 6.0)
    assert Kernel(other)(np.ones(2), 1.0) == (2, 8.0)


def test_code_for_another_processor_is_not_taken(folder, monkeypatch):
    Kernel(scaled)(np.ones(2), 2.0)
    monkeypatch.setattr(_compiled, "processor", lambda: ("generic", ""))
    Kernel(scaled)(np.ones(2), 2.0)
    assert len(list(folder.glob("*.code"))) == 2


@pytest.mark.parametrize("damage", [lambda code: code[:-1], lambda code: code[:-1] + b"?"])
def test_damaged_code_is_compiled_anew(folder, damage):
    Kernel(scaled)(np.ones(2), 2.0)
    (file,) = folder.glob("*.code")
    file.write_bytes(damage(file.read_bytes()))
    assert Kernel(scaled)(np.ones(2), 2.0) == (2, 12.0)
    assert MachineCode.from_bytes(file.read_bytes()) is not None


def test_code_that_needs_what_is_not_there_is_compiled_anew(folder):
    Kernel(scaled)(np.ones(2), 2.0)
    (file,) = folder.glob("*.code")
    code = MachineCode.from_bytes(file.read_bytes())
    file.write_bytes(replace(code, needs=["of_a_library_that_is_gone"]).to_bytes())
    assert Kernel(scaled)(np.ones(2), 2.0) == (2, 12.0)
    assert MachineCode.from_bytes(file.read_bytes()).needs == []


def test_the_user_is_told_once_that_loops_are_compiled(caplog):
    Kernel(scaled)(np.ones(2), 2.0)
    add(np.ones(4, dtype=np.int64), 1)
    assert [r.levelno for r in caplog.records if "compiling" in r.message] == [logging.WARNING]


def test_where_nothing_can_be_written_loops_run_and_the_user_is_told_once(
    folder, monkeypatch, caplog
):
    (folder / "file").touch()
    monkeypatch.setattr(_code_store, "folders", lambda: [folder / "file" / "below"])
    assert Kernel(scaled)(np.ones(2), 2.0) == (2, 12.0)
    assert Kernel(scaled)(np.ones(2), 2.0) == (2, 12.0)
    assert [r.message for r in caplog.records if "RADPRED_CACHE_DIR" in r.message] == [
        f"radpred: compiled code cannot be kept in any of {folder / 'file' / 'below'}, so that "
        "every start compiles anew; set RADPRED_CACHE_DIR to a folder that can be written"
    ]


def test_an_array_in_another_order_is_refused():
    with pytest.raises(TypeError, match="ascontiguousarray"):
        add(np.zeros((3, 3))[:, 0], 1.0)


def test_an_array_that_must_not_be_written_is_not():
    values = np.zeros(2)
    values.flags.writeable = False
    with pytest.raises(NumbaError, match="readonly"):
        Kernel(scaled)(values, 2.0)


def test_a_loop_that_allocates_is_refused():
    def allocating(values):
        values[0] = np.zeros(3)[0]

    with pytest.raises(NumbaError):
        Kernel(allocating)(np.zeros(2))


def test_a_loop_that_returns_an_array_is_refused():
    def returning(values):
        return values

    with pytest.raises(TypeError, match="wanted nothing, or numbers"):
        Kernel(returning)(np.zeros(2))


def test_numba_s_switch_leaves_loops_as_they_are(monkeypatch):
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert compiled(scaled) is scaled


STARTING = """
import pathlib, sys
import numpy as np
from radpred.kernels import _code_store
_code_store.folders = lambda: [pathlib.Path(sys.argv[1])]
from radpred.kernels.size_zone import find_zones
levels = np.arange(27).reshape(3, 3, 3) % 2
print("ready", flush=True)
sys.stdin.readline()
print(sorted(find_zones(levels).tolist()))
"""


def test_six_processes_that_start_at_once_compile_once_and_agree(folder):
    line = [sys.executable, "-c", STARTING, str(folder)]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    starting = [subprocess.Popen(line, **pipes, text=True) for _ in range(6)]
    for process in starting:
        process.stdout.readline()
    for process in starting:
        process.stdin.write("\n")
        process.stdin.flush()
    ended = [process.communicate() for process in starting]
    levels = np.arange(27).reshape(3, 3, 3) % 2
    zones = sorted(size_zone.find_zones(levels).tolist())
    assert {said for said, _ in ended} == {f"{zones}\n"}
    assert sum("compiling" in told for _, told in ended) == 1
    (kept,) = (file for file in folder.iterdir() if file.name != "compiling.lock")
    assert MachineCode.from_bytes(kept.read_bytes()) is not None

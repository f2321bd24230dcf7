"""What holds for every design: patients stay whole, and every outcome can be learnt."""

import numpy as np
import pytest

from radpred.cohort.designs import (
    bootstrap,
    by_date,
    external,
    leave_one_patient_out,
    leave_one_site_out,
    leave_pair_out,
    repeated_k_fold,
)
from radpred.cohort.designs.design import Part, design_of
from radpred.cohort.designs.labels import labels_of
from radpred.errors import InputError, LeakageError

DESIGNS = {
    "repeated_k_fold": lambda c: repeated_k_fold(c.y, c.groups, n_folds=5, repeats=2, seed=1),
    "leave_one_site_out": lambda c: leave_one_site_out(c.y, c.groups, c.sites),
    "leave_one_patient_out": lambda c: leave_one_patient_out(c.y, c.groups),
    "leave_pair_out": lambda c: leave_pair_out(c.y, c.groups, seed=1, most_pairs=50),
    "bootstrap": lambda c: bootstrap(c.y, c.groups, n_draws=20, seed=1),
    "by_date": lambda c: by_date(c.y, c.groups, c.dates),
    "external": lambda c: external(c.y, c.groups, c.sites == "site_0"),
}


@pytest.fixture(params=DESIGNS)
def drawn(request, rows):
    """Return the cohort and one design of it."""
    return rows, DESIGNS[request.param](rows), request.param


def test_a_design_bears_the_name_of_its_function(drawn):
    _, design, name = drawn
    assert design.kind == name


def test_no_patient_is_on_both_sides(drawn):
    cohort, design, _ = drawn
    for split in design.splits:
        assert not set(cohort.groups[split.train]) & set(cohort.groups[split.test])


def test_every_training_part_holds_both_outcomes(drawn):
    cohort, design, _ = drawn
    assert all(set(cohort.y[split.train]) == {0, 1} for split in design.splits)


def test_row_positions_ascend(drawn):
    _, design, _ = drawn
    for split in design.splits:
        assert (np.diff(split.train) >= 0).all()
        assert (np.diff(split.test) > 0).all()


def test_a_patient_is_tested_with_all_rows(drawn):
    cohort, design, _ = drawn
    for split in design.splits:
        is_tested = np.isin(cohort.groups, cohort.groups[split.test])
        assert np.array_equal(np.flatnonzero(is_tested), split.test)


def test_words_as_outcomes_give_the_same_design(drawn):
    cohort, design, name = drawn
    words = cohort._replace(y=np.where(cohort.y == 1, "relapse", "none"))
    again = DESIGNS[name](words)
    assert [s.test.tolist() for s in again.splits] == [s.test.tolist() for s in design.splits]


@pytest.mark.parametrize("name", DESIGNS)
def test_a_row_without_patient_is_refused(name, rows):
    groups = rows.groups.astype(object)
    groups[3] = None
    with pytest.raises(InputError, match=r"need one patient each.*1 missing"):
        DESIGNS[name](rows._replace(groups=groups))


@pytest.mark.parametrize("name", DESIGNS)
def test_an_outcome_that_is_missing_is_refused(name, rows):
    y = rows.y.astype(float)
    y[3] = np.nan
    with pytest.raises(InputError, match="1 missing"):
        DESIGNS[name](rows._replace(y=y))


@pytest.mark.parametrize("name", DESIGNS)
def test_a_cohort_of_one_outcome_is_refused(name, rows):
    with pytest.raises(InputError, match="the same outcome"):
        DESIGNS[name](rows._replace(y=np.ones_like(rows.y)))


def test_parts_that_share_a_patient_make_no_design(rows):
    everyone = np.arange(len(rows.y))
    cut = int(np.flatnonzero(rows.groups[1:] == rows.groups[:-1])[20]) + 1
    part = Part(0, 0, everyone[:cut], everyone[cut:])
    with pytest.raises(LeakageError, match="1 patient"):
        design_of("external", [part], labels=labels_of(rows.y), patients=rows.groups)

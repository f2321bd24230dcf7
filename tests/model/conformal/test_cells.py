"""P-values within cells: whom a case is compared with, and who answers where those are few."""

import numpy as np
import pytest
from crepes import ConformalClassifier
from mapie.classification import SplitConformalClassifier
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression

from radpred.errors import InputError, SettingsError
from radpred.model.conformal import (
    SMALL_CELL,
    TOO_SMALL,
    UNKNOWN,
    CalibrationRows,
    answer_by_cells,
    cell_sizes,
    prediction_set,
    prediction_sets,
)


def rows_of(score, y, site):
    """Return calibration rows with log-odds as scores."""
    return CalibrationRows(
        strangeness=np.where(y == 1, -score, score), outcome=y, stratum=np.asarray(site).astype(str)
    )


def both(score):
    """Return how strange each new row is under each outcome."""
    return np.column_stack([score, -score])


def draw(rng, n, *, share=0.35, noisy=0.25):
    """Return score, outcome and site; scores of site B say less."""
    y = (rng.random(n) < share).astype(int)
    site = np.where(rng.random(n) < noisy, "B", "A")
    score = np.where(site == "B", 0.5, 1.5) * (2 * y - 1) + rng.normal(size=n)
    return score, y, site


@pytest.fixture
def drawn(rng):
    """Return calibration rows, and new scores with their sites."""
    score, y, site = draw(rng, 160)
    new, _, new_site = draw(rng, 60)
    return rows_of(score, y, site), new, new_site


TAXONOMY_OF_CREPES = {
    "marginal": (lambda y, s: np.zeros(len(y), int), lambda c, s: np.zeros(len(s), int)),
    "class": (lambda y, s: y, lambda c, s: np.full(len(s), c)),
    "site": (lambda y, s: (s == "B").astype(int), lambda c, s: (s == "B").astype(int)),
    "group_class": (
        lambda y, s: 2 * (s == "B").astype(int) + y,
        lambda c, s: 2 * (s == "B").astype(int) + c,
    ),
}


@pytest.mark.parametrize("taxonomy", TAXONOMY_OF_CREPES)
def test_p_values_within_cells_equal_crepes(taxonomy, drawn):
    rows, new, site = drawn
    of_rows, of_new = TAXONOMY_OF_CREPES[taxonomy]
    theirs = ConformalClassifier().fit(rows.strangeness, bins=of_rows(rows.outcome, rows.stratum))
    ours = answer_by_cells([(rows, both(new))], strata=site, taxonomy=taxonomy).p_values
    for outcome in (0, 1):
        expected = theirs.predict_p(
            both(new)[:, [outcome]], bins=of_new(outcome, site), smoothing=False
        )
        assert_allclose(ours[:, outcome], expected[:, 0], atol=1e-12)


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_sets_of_one_cell_equal_mapie(level, rng):
    y = (rng.random(300) < 0.35).astype(int)
    X = rng.normal(size=(300, 3)) + 0.7 * y[:, None]
    model = LogisticRegression().fit(X[:100], y[:100])
    theirs = SplitConformalClassifier(model, confidence_level=level, prefit=True)
    expected = theirs.conformalize(X[100:180], y[100:180]).predict_set(X[180:])[1][:, :, 0]
    score = model.decision_function(X)
    rows = rows_of(score[100:180], y[100:180], np.full(80, ""))
    ours = answer_by_cells([(rows, both(score[180:]))], taxonomy="marginal", level=level)
    assert_array_equal(prediction_set(ours.p_values, level=level), expected)


@pytest.mark.parametrize("taxonomy", ["marginal", "class", "site", "group_class"])
def test_coverage_in_its_own_cells_is_what_was_promised(taxonomy):
    rng = np.random.default_rng(3)
    held = {key: [] for key in ("all", "0", "1", "A", "B", "A0", "A1", "B0", "B1")}
    for _ in range(300):
        score, y, site = draw(rng, 220, noisy=0.4)
        new, truth, new_site = draw(rng, 220, noisy=0.4)
        answers = answer_by_cells(
            [(rows_of(score, y, site), both(new))], strata=new_site, taxonomy=taxonomy, level=0.9
        )
        covered = prediction_set(answers.p_values, level=0.9)[np.arange(220), truth]
        for key, values in held.items():
            member = np.ones(220, dtype=bool)
            for letter in key if key != "all" else "":
                member &= new_site == letter if letter in "AB" else truth == int(letter)
            values.append(covered[member].mean())
    own = {
        "marginal": ["all"],
        "class": ["0", "1"],
        "site": ["A", "B"],
        "group_class": ["A0", "A1", "B0", "B1"],
    }[taxonomy]
    for key in own:
        error = np.std(held[key]) / np.sqrt(300)
        assert np.mean(held[key]) >= 0.9 - 2 * error
        assert np.mean(held[key]) <= 0.9 + 1 / 20 + 2 * error


def test_marginal_sets_hide_the_rarer_class():
    rng = np.random.default_rng(4)
    held = {"marginal": [], "class": []}
    for _ in range(100):
        score, y, site = draw(rng, 200, share=0.2)
        new, truth, _ = draw(rng, 400, share=0.2)
        # A model that knows the share of events leans against them.
        scored = [(rows_of(score - 1.4, y, site), both(new - 1.4))]
        for taxonomy, values in held.items():
            p = answer_by_cells(scored, taxonomy=taxonomy).p_values
            values.append(prediction_set(p, level=0.9)[truth == 1, 1].mean())
    assert np.mean(held["marginal"]) < 0.75
    assert np.mean(held["class"]) >= 0.9 - 2 * np.std(held["class"]) / 10


@pytest.mark.parametrize("n", [200, 500])
def test_rare_events_are_covered_as_often_as_promised(n):
    rng = np.random.default_rng(n)
    held = []
    for _ in range(500):
        score, y, site = draw(rng, n, share=0.1)
        new, truth, _ = draw(rng, 200, share=0.1)
        p = answer_by_cells([(rows_of(score, y, site), both(new))], level=0.9).p_values
        held.append(prediction_set(p, level=0.9)[truth == 1, 1].mean())
    assert np.mean(held) >= 0.9 - 2 * np.std(held) / np.sqrt(500)


def test_a_small_cell_lets_its_parent_answer_and_says_so(rng):
    score, y, site = draw(rng, 120, noisy=0.0)
    site = site.copy()
    site[:6] = "B"  # six rows cannot promise 0.9
    scored = [(rows_of(score, y, site), both(np.array([0.3, 0.3])))]
    found = answer_by_cells(scored, strata=["A", "B"], taxonomy="group_class", level=0.9)
    by_class = answer_by_cells(scored, taxonomy="class", level=0.9)
    assert found.reason.tolist() == [["", ""], [SMALL_CELL, SMALL_CELL]]
    assert found.cell[1].tolist() == ["class=0", "class=1"]
    assert_array_equal(found.p_values[1], by_class.p_values[1])
    assert "2 of 4 p-values" not in found.notes[0]
    assert SMALL_CELL in found.notes[0]


def test_a_cell_with_just_enough_rows_answers_itself(rng):
    score, y = rng.normal(size=29), np.r_[np.zeros(20, int), np.ones(9, int)]
    rows = rows_of(score, y, np.full(29, "A"))
    strata, new = ["A"], both(np.array([0.0]))
    enough = answer_by_cells([(rows, new)], strata=strata, taxonomy="group_class", level=0.9)
    few = answer_by_cells([(rows, new)], strata=strata, taxonomy="group_class", level=0.91)
    assert enough.cell[0, 1] == "group=A, class=1"
    assert few.cell[0, 1] == "class=1"


@pytest.mark.parametrize(("taxonomy", "parent"), [("site", "all"), ("group_class", "class=1")])
def test_an_unknown_site_is_flagged_and_answered_by_the_parent(taxonomy, parent, drawn):
    rows, new, _ = drawn
    found = answer_by_cells(
        [(rows, both(new))], strata=np.full(60, "C"), taxonomy=taxonomy, level=0.9
    )
    assert (found.reason == UNKNOWN).all()
    assert set(found.cell[:, 1]) == {parent}
    assert not found.is_claimed.any()


def test_rows_without_a_site_are_of_an_unknown_one(drawn):
    rows, new, _ = drawn
    assert not answer_by_cells([(rows, both(new))], taxonomy="site").is_claimed.any()
    assert answer_by_cells([(rows, both(new))], taxonomy="class").is_claimed.all()


def test_an_unknown_site_may_keep_every_outcome(drawn):
    rows, new, _ = drawn
    found = answer_by_cells(
        [(rows, both(new))], strata=np.full(60, "C"), taxonomy="site", unknown="full"
    )
    assert (found.p_values == 1).all()
    assert found.notes == (f"120 of 120 p-values: {UNKNOWN}; every outcome is kept",)


@pytest.mark.parametrize(
    ("n", "is_too_small"), [(5, 1), (10, 1), (18, 1), (19, 0), (20, 0), (21, 0), (50, 0)]
)
def test_a_calibration_set_that_is_too_small_gives_full_sets_and_says_why(n, is_too_small, rng):
    y = np.repeat([0, 1], n)
    rows = rows_of(rng.normal(size=2 * n), y, np.full(2 * n, ""))
    answers = answer_by_cells([(rows, both(np.array([50.0, -50.0])))], level=0.95)
    sets = prediction_sets(answers, level=0.95)
    assert sets.holds.all() == bool(is_too_small)
    assert all((TOO_SMALL in reason) == bool(is_too_small) for reason in sets.reason)
    if is_too_small:
        assert f"{n} rows in 'class=0', 19 needed" in sets.reason[0]


def test_an_outcome_without_calibration_rows_stays_in_every_set(rng):
    rows = rows_of(rng.normal(size=30), np.zeros(30, int), np.full(30, ""))
    answers = answer_by_cells([(rows, both(np.array([9.0, -9.0])))], level=0.9)
    assert answers.p_values[:, 1].tolist() == [1.0, 1.0]
    assert (answers.reason[:, 1] == TOO_SMALL).all()


def test_ties_within_a_cell_count_as_at_least_as_strange():
    rows = rows_of(np.full(9, 0.5), np.ones(9, int), np.full(9, ""))
    tied, stranger = answer_by_cells([(rows, both(np.array([0.5, 0.4])))]).p_values[:, 1]
    assert (tied, stranger) == (1.0, 0.1)


@pytest.mark.parametrize("taxonomy", ["marginal", "class", "site", "group_class"])
def test_one_row_gets_the_answer_it_gets_among_many(taxonomy, drawn):
    rows, new, site = drawn
    together = answer_by_cells([(rows, both(new))], strata=site, taxonomy=taxonomy, level=0.9)
    for i in (0, 17, 59):
        alone = answer_by_cells(
            [(rows, both(new[[i]]))], strata=site[[i]], taxonomy=taxonomy, level=0.9
        )
        assert_array_equal(alone.p_values[0], together.p_values[i])
        assert_array_equal(alone.reason[0], together.reason[i])


def test_cell_sizes_count_every_row_once_in_each_kind(drawn):
    rows, _, _ = drawn
    sizes = cell_sizes([rows], "group_class")
    fine = [n for name, n in sizes.items() if name.startswith("group")]
    assert sum(fine) == sizes["class=0"] + sizes["class=1"] == 160


def test_an_empty_set_is_flagged_as_atypical_and_kept():
    rows = rows_of(np.tile([3.0, 4.0], 20), np.ones(40, int), np.full(40, ""))
    other = rows_of(np.tile([-3.0, -4.0], 20), np.zeros(40, int), np.full(40, ""))
    new = both(np.array([0.0, 3.5]))
    answers = answer_by_cells([(rows, new), (other, new)], level=0.9)
    kept = prediction_sets(answers, level=0.9)
    assert kept.is_atypical.tolist() == [True, False]
    assert kept.holds.tolist() == [[False, False], [False, True]]
    forced = prediction_sets(answers, level=0.9, empty="most_typical")
    assert forced.is_atypical.tolist() == [True, False]
    assert forced.holds.tolist() == [[True, True], [False, True]]


@pytest.mark.parametrize("name", ["Class", "sites", ""])
def test_an_unknown_taxonomy_is_refused(name, drawn):
    rows, new, _ = drawn
    with pytest.raises(SettingsError, match="choose one of marginal, class, site, group_class"):
        answer_by_cells([(rows, both(new))], taxonomy=name)


def test_sites_of_another_number_of_rows_are_refused(drawn):
    rows, new, _ = drawn
    with pytest.raises(InputError, match="60 rows; give one site"):
        answer_by_cells([(rows, both(new))], strata=["A"], taxonomy="site")

"""External rows are tested by what all others teach."""

import numpy as np
import pytest

from radpred.cohort.designs import external
from radpred.errors import InputError, LeakageError, RadpredWarning


def test_external_rows_are_tested_and_all_others_teach(rows):
    is_external = rows.sites == "site_2"
    (split,) = external(rows.y, rows.groups, is_external).splits
    assert np.array_equal(split.test, np.flatnonzero(is_external))
    assert np.array_equal(split.train, np.flatnonzero(~is_external))


def test_a_patient_in_both_sets_is_refused():
    with pytest.raises(LeakageError, match="'a'"):
        external([0, 1, 0, 1], list("abca"), np.array([False, False, True, True]))


def test_external_rows_without_an_event_are_tested_and_said_to_lack_it():
    with pytest.warns(RadpredWarning, match="no row of 2 has 1: ranks are undefined"):
        external([0, 1, 0, 0], list("abcd"), np.array([False, False, True, True]))


def test_positions_are_not_a_mask():
    with pytest.raises(InputError, match="True or False for each of 4 rows"):
        external([0, 1, 0, 1], list("abcd"), [2, 3])


def test_an_empty_external_set_is_refused():
    with pytest.raises(InputError, match="0 to test"):
        external([0, 1, 0, 1], list("abcd"), np.zeros(4, dtype=bool))

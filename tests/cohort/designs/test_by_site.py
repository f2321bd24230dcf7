"""Each site is tested by what the others teach."""

import numpy as np
import pytest

from radpred.cohort.designs import leave_one_site_out
from radpred.errors import InputError, RadpredWarning


def test_each_site_is_tested_once_and_named(rows):
    design = leave_one_site_out(rows.y, rows.groups, rows.sites)
    assert [split.label for split in design.splits] == ["site_0", "site_1", "site_2"]
    for split in design.splits:
        assert np.array_equal(split.test, np.flatnonzero(rows.sites == split.label))
        assert split.label not in rows.sites[split.train]


def test_a_patient_of_two_sites_is_not_learnt_from_where_they_are_tested(rows):
    sites = rows.sites.copy()
    several = np.flatnonzero(rows.groups == rows.groups[1])
    sites[several[0]] = "site_1"
    assert len(np.unique(sites[several])) == 2
    with pytest.warns(RadpredWarning, match="1 patients were seen at several sites"):
        design = leave_one_site_out(rows.y, rows.groups, sites)
    for split in design.splits:
        assert not set(rows.groups[split.train]) & set(rows.groups[split.test])


def test_a_site_without_an_event_is_tested_and_named(rows):
    y = np.where(rows.sites == "site_1", 0, rows.y)
    with pytest.warns(RadpredWarning, match="site site_1 has no row with 1 among its"):
        design = leave_one_site_out(y, rows.groups, rows.sites)
    assert len(design.splits) == 3
    assert set(y[design.splits[1].test]) == {0}


def test_a_site_of_few_patients_is_tested_and_named(rows):
    sites = np.where(np.isin(rows.groups, ["p00", "p01"]), "small", rows.sites)
    with pytest.warns(RadpredWarning, match="site small has 2 patients, fewer than 10"):
        design = leave_one_site_out(rows.y, rows.groups, sites)
    assert [split.label for split in design.splits][-1] == "small"


def test_events_of_one_site_only_cannot_be_learnt_elsewhere(rows):
    y = np.where(rows.sites == "site_1", rows.y, 0)
    with pytest.raises(InputError, match="without site_1 there is nothing to learn 1 from"):
        leave_one_site_out(y, rows.groups, rows.sites)


def test_a_single_site_cannot_be_left_out(rows):
    with pytest.raises(InputError, match="come from A; wanted are two sites"):
        leave_one_site_out(rows.y, rows.groups, np.full(len(rows.y), "A"))


def test_a_row_without_site_is_refused(rows):
    sites = rows.sites.astype(object)
    sites[0] = np.nan
    with pytest.raises(InputError, match=r"one site each.*1 missing"):
        leave_one_site_out(rows.y, rows.groups, sites)

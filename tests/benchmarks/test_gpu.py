"""The script that measures a card runs, so that a machine that has one wastes no time on it."""

from __future__ import annotations

import pytest

from benchmarks import gpu
from radpred.backends import find_device
from radpred.pipeline.images.filter_kinds import FILTER_KINDS

CASES = {name: rest for name, *rest in gpu.cases(scale=0.12)}


def test_every_filter_is_compared():
    assert {each["kind"] for each in gpu.EVERY_FILTER} == set(FILTER_KINDS)


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_compared_and_its_ways_are_counted(name, device):
    found = gpu.compared(name, *CASES[name], card=find_device("gpu"))
    assert found.is_near
    assert found.n_values > 7
    assert found.up > 0
    assert name in gpu.line(found)


def test_a_value_that_is_missing_on_one_side_lies_infinitely_far():
    assert gpu._apart(1.0, float("nan")) == float("inf")
    assert gpu._apart(float("nan"), float("nan")) == 0.0
    assert gpu._apart(1.0, 1.1) == pytest.approx(0.1 / 1.1)

"""Which packages a target needs, whatever machine asks."""

from __future__ import annotations

import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from wheels.house import SOURCES
from wheels.needs import ROOT, needs_of, pins
from wheels.targets import PYTHONS, SYSTEMS, TARGETS, Target

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize(
    ("system", "wanted", "other"),
    [
        ("linux", "xgboost-cpu", "xgboost"),
        ("windows", "xgboost-cpu", "xgboost"),
        ("macos", "xgboost", "xgboost-cpu"),
    ],
)
def test_a_need_is_that_of_the_target_and_not_of_this_machine(system, wanted, other):
    needs = needs_of(Target("3.12", SYSTEMS[system]))
    assert wanted in needs
    assert other not in needs


def test_needs_of_needs_are_there():
    assert {"llvmlite", "joblib", *SOURCES} <= set(needs_of(TARGETS[0]))


def test_an_extra_adds_its_own():
    added = set(needs_of(TARGETS[0], extras=("s3",))) - set(needs_of(TARGETS[0]))
    assert {"boto3", "snakemake-storage-plugin-s3"} <= added


def test_every_need_of_the_core_has_a_tested_version():
    names = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    assert names - {"xgboost"} <= set(pins())  # of macOS alone, where nothing was tested


def test_the_pythons_are_those_that_the_package_names():
    named = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if ":: Python ::" in c]
    assert tuple(named) == PYTHONS


def test_source_packages_are_pinned():
    assert set(SOURCES) <= set(pins())

"""Profiles: shipped ones by name, one's own by folder, laid over the shipped one."""

from __future__ import annotations

import re

import pytest

from radpred.errors import SettingsError
from radpred.stages.cluster.profiles import (
    executor_of,
    pipeline_folder,
    profile_folder,
    profile_options,
    retries_of,
    shipped_profiles,
)

SHIPPED = pipeline_folder() / "workflow" / "profiles"


@pytest.fixture
def own(tmp_path):
    """Return a function that writes a profile of one's own."""

    def write(text):
        (tmp_path / "profile.yaml").write_text(text)
        return str(tmp_path)

    return write


def test_three_profiles_are_shipped():
    assert shipped_profiles() == ["default", "slurm", "test"]


@pytest.mark.parametrize(
    ("profile", "executor"), [(None, "local"), ("slurm", "slurm"), ("test", "slurm")]
)
def test_a_profile_says_what_runs_its_jobs(profile, executor):
    assert executor_of(profile) == executor


@pytest.mark.parametrize("name", ["default", "slurm", "test"])
def test_every_line_of_a_shipped_profile_is_explained(name):
    lines = (SHIPPED / name / "profile.yaml").read_text().splitlines()
    settings = [line for line in lines if re.match(r"[a-z]", line)]
    assert settings
    assert [line for line in settings if "  # " not in line] == []


@pytest.mark.parametrize("name", ["slurm", "test"])
def test_a_profile_for_slurm_leaves_default_resources_to_the_site(name):
    text = (SHIPPED / name / "profile.yaml").read_text()
    assert not re.search(r"^default-resources:", text, flags=re.MULTILINE)


@pytest.mark.parametrize("name", ["slurm", "test"])
def test_slurm_is_asked_by_squeue_which_sees_jobs_that_were_cancelled(name):
    text = (SHIPPED / name / "profile.yaml").read_text()
    assert re.search(r"^slurm-status-command: squeue\b", text, flags=re.MULTILINE)


def test_a_shipped_profile_stands_alone():
    assert profile_options("slurm") == ["--workflow-profile", str(SHIPPED / "slurm")]


def test_one_s_own_for_slurm_lies_over_the_shipped_one(own):
    folder = own("executor: slurm\ndefault-resources:\n  slurm_account: ours\n")
    wanted = ["--profile", str(SHIPPED / "slurm"), "--workflow-profile", folder]
    assert profile_options(folder) == wanted
    assert retries_of(folder) == 2


def test_one_s_own_without_an_executor_lies_over_the_default_one(own):
    folder = own("cores: 3\nretries: 1\n")
    wanted = ["--profile", str(SHIPPED / "default"), "--workflow-profile", folder]
    assert profile_options(folder) == wanted
    assert retries_of(folder) == 1


def test_one_s_own_for_another_scheduler_stands_alone(own):
    folder = own("executor: lsf\njobs: 10\n")
    assert profile_options(folder) == ["--workflow-profile", folder]


def test_a_name_that_is_none_says_which_there_are():
    with pytest.raises(SettingsError, match=r"default, slurm, test.*profile\.yaml"):
        profile_folder("slurmm")


def test_a_profile_that_is_a_list_is_refused(own):
    with pytest.raises(SettingsError, match="holds list"):
        executor_of(own("- executor: slurm\n"))

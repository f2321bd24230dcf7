"""The section cluster of a study: queues, and options that do not contradict radpred's own."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from radpred.config import StudySettings
from radpred.config.cluster import ClusterSettings

STUDY = {"name": "tiny", "outcome": {"column": "event"}}
CLUSTER = {"account": "ours", "partition": "main", "gpu_partition": "cards"}


def test_a_job_without_a_card_queues_among_all():
    found = ClusterSettings(**CLUSTER).resources()
    assert found == {"slurm_account": "ours", "slurm_partition": "main"}


def test_a_job_with_a_card_asks_for_it_and_queues_where_cards_are():
    found = ClusterSettings(**CLUSTER).resources(gpus=1)
    assert found == {"gpu": 1, "slurm_account": "ours", "slurm_partition": "cards"}


def test_without_a_queue_of_its_own_a_card_is_asked_for_in_that_of_all():
    found = ClusterSettings(partition="main").resources(gpus=1)
    assert found == {"gpu": 1, "slurm_partition": "main"}


def test_nothing_is_asked_for_where_nothing_is_said():
    assert ClusterSettings().resources() == {}


def test_options_are_handed_on_as_a_shell_reads_them():
    found = ClusterSettings(extra=["--nice=5", "--mail-user=two words"]).resources()
    assert found == {"slurm_extra": "--nice=5 '--mail-user=two words'"}


@pytest.mark.parametrize(
    ("option", "instead"),
    [
        ("--account=x", "cluster.account"),
        ("-pmain", "cluster.partition"),
        ("--gres=gpu:1", "device: gpu"),
        ("--mem=4G", "set-resources"),
        ("-t", "set-resources"),
        ("--comment=x", "radpred sets it"),
    ],
)
def test_an_option_that_radpred_sets_itself_is_refused_with_the_place_to_say_it(option, instead):
    with pytest.raises(ValidationError, match=instead):
        ClusterSettings(extra=[option])


@pytest.mark.parametrize("option", ["nice=5", "--exclude node7"])
def test_what_is_no_option_in_one_word_is_refused(option):
    with pytest.raises(ValidationError, match="no option of sbatch"):
        ClusterSettings(extra=[option])


def test_queues_do_not_travel_with_a_model():
    study = StudySettings.model_validate({**STUDY, "cluster": CLUSTER})
    assert study.portable().cluster == ClusterSettings()

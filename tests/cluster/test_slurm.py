"""What Slurm's commands say is read as Slurm's manuals define it."""

from __future__ import annotations

import sys

import pytest

from radpred.stages.cluster.slurm import Answer, ask, cluster_of, minutes

# `sinfo --noheader --Node --format "%N|%P|%c|%m|%l|%G|%a|%T"`, of a cluster with four queues.
NODES = """\
n1|main*|2|4000|infinite|(null)|up|idle
n2|main*|2|4000|infinite|gpu:1|up|drained*
n2|short|2|4000|10:00|gpu:1|up|drained*
n3|gpu|64|512000+|2-00:00:00|gpu:a100:4(S:0-1),tmp:1|up|mixed
n4|old|8|16000|1-12:30:00|gpu:2(S:0),gpu:v100:3|inact|idle
"""


def answering(**said):
    """Return a scheduler whose commands give these answers, and no other."""

    def asked(words):
        out = said.get(words[0])
        return Answer(127) if out is None else Answer(0, out.strip())

    return asked


@pytest.fixture
def cluster():
    return cluster_of(answering(sinfo=NODES, sacctmgr="group_a\ngroup_b\ngroup_a", id="me"))


# sbatch(1): "minutes", "minutes:seconds", "hours:minutes:seconds", "days-hours",
# "days-hours:minutes" and "days-hours:minutes:seconds".
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("30", 30),
        ("10:00", 10),
        ("12:00:00", 720),
        ("2-12", 3600),
        ("2-12:30", 3630),
        ("1-02:30:30", 1590.5),
        ("infinite", float("inf")),
        ("UNLIMITED", float("inf")),
    ],
)
def test_time_limits_are_read_in_every_form(text, wanted):
    assert minutes(text) == wanted


def test_partitions_come_in_order_and_the_starred_one_is_the_default(cluster):
    assert cluster.partitions == ["main", "short", "gpu", "old"]
    assert cluster.default_partition == "main"


def test_cards_are_counted_whatever_their_kind(cluster):
    counts = {(node.name, node.partition): node.gpus for node in cluster.nodes}
    assert counts == {
        ("n1", "main"): 0,
        ("n2", "main"): 1,
        ("n2", "short"): 1,
        ("n3", "gpu"): 4,
        ("n4", "old"): 5,
    }


def test_a_drained_node_and_one_of_a_closed_queue_take_no_job(cluster):
    usable = {node.name: node.is_usable for node in cluster.nodes}
    assert usable == {"n1": True, "n2": False, "n3": True, "n4": False}


def test_a_partition_without_a_name_is_the_default_one(cluster):
    assert cluster.nodes_of(None) == cluster.nodes_of("main")


def test_an_account_is_named_once(cluster):
    assert cluster.accounts == ("group_a", "group_b")


def test_without_accounting_nobody_knows_the_accounts():
    assert cluster_of(answering(sinfo=NODES)).accounts is None


def test_where_sinfo_does_not_answer_there_is_no_cluster():
    assert cluster_of(answering()) is None


def test_a_missing_command_is_an_answer_and_no_error():
    assert ask(["radpred-no-such-command"]).code == 127


def test_a_job_hands_nothing_of_its_own_to_jobs_that_it_submits(monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "1")
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "2000")
    monkeypatch.setenv("SLURM_CONF", "/etc/slurm.conf")
    code = "import os; print(*sorted(n for n in os.environ if n.startswith('SLURM_')))"
    assert ask([sys.executable, "-c", code]).out == "SLURM_CONF"

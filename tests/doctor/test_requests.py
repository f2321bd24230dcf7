"""A request that no node or queue can take is a problem before it is submitted."""

from __future__ import annotations

import pytest

from radpred.stages.cluster.asked import Asked
from radpred.stages.cluster.slurm import Answer, Cluster, Node
from radpred.stages.doctor.requests import check_refusal, check_requests

INF = float("inf")
CLUSTER = Cluster(
    nodes=(
        Node(name="n1", partition="main", cores=2, memory_mb=4000, most_minutes=INF, gpus=0,
             is_default=True),
        Node(name="n1", partition="short", cores=2, memory_mb=4000, most_minutes=10, gpus=0),
        Node(name="n2", partition="cards", cores=8, memory_mb=64000, most_minutes=INF, gpus=2),
        Node(name="n3", partition="old", cores=8, memory_mb=64000, most_minutes=INF, gpus=0,
             is_usable=False),
    ),
    accounts=("ours",),
)  # fmt: skip
FINE = {"rule": "extract", "memory_mb": 2000, "minutes": 5}


def judged(*, retries=0, **changed):
    """Return the one finding on a job that asks for what is fine, but for what is changed."""
    (finding,) = check_requests([Asked(**{**FINE, **changed})], CLUSTER, retries=retries)
    return finding


def test_what_fits_is_fine():
    assert judged(account="ours", partition="short").verdict == "ok"


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"account": "theirs"}, "account theirs: you have ours"),
        ({"partition": "long"}, "partition long: there are main, short, cards, old"),
        ({"memory_mb": 4001}, "partition main: 4001 MB, and no node has more than 4000 MB"),
        ({"cores": 3}, "partition main: 3 cores, and no node has more than 2"),
        (
            {"partition": "short", "minutes": 11},
            "partition short: 11 min, and a job may take 10 min",
        ),
        ({"gpus": 1}, "partition main: no node has a GPU"),
        ({"gpus": 3, "partition": "cards"}, "partition cards: no node has a GPU"),
    ],
)
def test_what_can_never_start_is_a_problem(changed, found):
    finding = judged(**changed)
    assert (finding.verdict, finding.found) == ("problem", found)
    assert finding.todo


def test_a_card_where_cards_are_is_fine():
    assert judged(gpus=1, partition="cards").verdict == "ok"


def test_a_queue_whose_nodes_are_all_down_is_a_note():
    assert judged(partition="old").verdict == "note"


def test_a_later_attempt_that_no_node_could_take_is_a_note():
    finding = judged(retries=2)
    assert finding.verdict == "note"
    assert "8000 MB, and no node has more than 4000 MB, which attempt 3 asks for" in finding.found


def test_accounts_that_nobody_tells_are_not_judged():
    cluster = Cluster(nodes=CLUSTER.nodes, accounts=None)
    (finding,) = check_requests([Asked(**FINE, account="theirs")], cluster)
    assert finding.verdict == "ok"


def test_the_same_of_several_rules_is_said_once():
    asked = [Asked(rule=rule, partition="long") for rule in ("train", "fit")]
    (finding,) = check_requests(asked, CLUSTER)
    assert finding.topic == "rules train, fit"


def test_what_sbatch_refuses_is_a_problem_with_its_last_words():
    said = "sbatch: error: Batch job submission failed\nallocation failure: Invalid qos"
    (finding,) = check_refusal(Asked(**FINE, qos="none"), Answer(1, "", said))
    assert finding.verdict == "problem"
    assert "--qos=none" in finding.found
    assert finding.found.endswith("allocation failure: Invalid qos")


def test_what_sbatch_takes_is_fine():
    assert check_refusal(Asked(**FINE), Answer(0, "", "Job 3 to start at ...")) == []

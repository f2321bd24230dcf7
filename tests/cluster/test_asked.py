"""What jobs ask for is read from Snakemake's dry run."""

from __future__ import annotations

from radpred.stages.cluster.asked import Asked, asked_in, asked_lines

SAID = """\
Job stats:
job         count
--------  -------
segment         2
total           4

[Sat Nov 28 17:11:58 2026]
rule segment:
    input: shards/0000.json, /images/a rule of thumb.nii.gz
    output: segment/0000.parquet
    jobid: 5
    resources: tmpdir=/tmp, disk_mb=<TBD>, mem_mb=1500, mem=1.5 GB, mem_mib=1431, runtime=60
[Sat Nov 28 17:11:58 2026]
rule segment:
    input: shards/0001.json
    jobid: 9
    resources: tmpdir=/tmp, disk_mb=<TBD>, mem_mb=1500, mem=1.5 GB, mem_mib=1431, runtime=60
[Sat Nov 28 17:11:58 2026]
rule extract:
    input: shards/0001.json
    jobid: 6
    threads: 4
    resources: mem_mb=2000, runtime=120, gpu=1, slurm_account=ours, slurm_partition=cards, qos=long
[Sat Nov 28 17:11:58 2026]
localrule default:
    input: model.radpred, report.html
    jobid: 0
    resources: tmpdir=/tmp
"""


def test_jobs_of_a_rule_that_ask_for_the_same_are_counted():
    first, _ = asked_in(SAID)
    assert first == Asked(rule="segment", jobs=2, memory_mb=1500, minutes=60)


def test_queue_card_and_cores_are_read():
    _, second = asked_in(SAID)
    assert second == Asked(
        rule="extract",
        cores=4,
        memory_mb=2000,
        minutes=120,
        gpus=1,
        account="ours",
        partition="cards",
        qos="long",
    )


def test_what_only_gathers_asks_for_nothing():
    assert {one.rule for one in asked_in(SAID)} == {"segment", "extract"}


def test_nothing_to_do_asks_for_nothing():
    assert asked_in("Nothing to be done (all requested files are present).") == ()


def test_a_request_reads_as_options_of_sbatch():
    assert asked_in(SAID)[1].options() == [
        "--account=ours",
        "--partition=cards",
        "--qos=long",
        "--mem=2000",
        "--time=120",
        "--gpus=1",
        "--ntasks=1",
        "--cpus-per-task=4",
    ]


def test_a_line_of_words_tells_the_jobs_of_a_rule():
    line = ("segment", "2", "1", "1500 MB", "60 min", "", "", "")
    assert asked_lines(asked_in(SAID))[0] == line

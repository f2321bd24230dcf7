# Read once by the main process: the study file becomes a plan of shards. Jobs read the plan.
import os
import sys
from pathlib import Path

from radpred.stages.inputs.at_hand import FETCHED
from radpred.stages.plan import load_plan, prepare_apart

if not workflow.configfiles:
    raise WorkflowError("name a study: snakemake --configfile study.yaml")

if workflow.is_main_process:
    prepare_apart(workflow.configfiles[0])

PLAN = load_plan(workflow.configfiles[0])


workdir: str(PLAN.out)


METHODS = {method.name for method in workflow.deployment_settings.deployment_method}
FETCHED_TO = Path(workflow.storage_settings.local_storage_prefix).absolute()

# The steps run with the Python that runs Snakemake, wherever that was called from, unless jobs
# have an environment of their own. They find objects in S3 where Snakemake fetches them to. A
# step starts as many processes as its job has cores, so that each of them has one thread,
# whatever Snakemake sets.
shell.prefix(
    (
        ""
        if "CONDA" in METHODS
        else f'export PATH="{Path(sys.executable).parent}:$PATH"; '
    )
    + f'export {FETCHED}="{FETCHED_TO}" {PLAN.pinned}; '
)


wildcard_constraints:
    shard=r"\d{4}",
    repeat=r"\d+",


def relevant(*sections):
    """Return the settings that a step depends on, so that a change of others reruns nothing."""
    return PLAN.relevant(*sections)


def shard_files(wildcards):
    """Return what changes with the scans and masks of a shard: one file in place of hundreds.

    Objects in S3 are named one by one, for Snakemake to fetch.
    """
    objects = [storage.s3(path) for path in PLAN.objects(wildcards.shard)]
    return [PLAN.state(wildcards.shard), *objects]


# How often the main process submits a job again; jobs inherit it, and retry nothing themselves.
if workflow.is_main_process:
    retries = getattr(
        workflow.execution_settings, "retries", 0
    )  # none are set in a dry run
    os.environ["RADPRED_RETRIES"] = str(retries)
RETRIES = int(os.environ.get("RADPRED_RETRIES", "0"))


def attempts_left(wildcards, attempt):
    """Return how many more attempts a job has, each with more memory than the last."""
    return max(0, RETRIES + 1 - attempt)


def scaled(base):
    """Return a resource that doubles with every attempt."""
    return lambda wildcards, attempt: base * 2 ** (attempt - 1)

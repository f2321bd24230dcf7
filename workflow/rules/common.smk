# Read once by the main process: the study file becomes a plan of shards. Jobs read the plan.
import sys
from pathlib import Path

from radpred.stages.plan import load_plan

if not workflow.configfiles:
    raise WorkflowError("name a study: snakemake --configfile study.yaml")

PLAN = load_plan(workflow.configfiles[0], is_main=workflow.is_main_process)


workdir: str(PLAN.out)


# The steps run with the Python that runs Snakemake, wherever that was called from.
shell.prefix(f'export PATH="{Path(sys.executable).parent}:$PATH"; ')


wildcard_constraints:
    shard=r"\d{4}",
    repeat=r"\d+",


def relevant(*sections):
    """Return the settings that a step depends on, so that a change of others reruns nothing."""
    return PLAN.relevant(*sections)


def shard_files(wildcards):
    """Return the scans and masks that a shard reads, so that a changed file reruns it."""
    return PLAN.files(wildcards.shard)


def scaled(base):
    """Return a resource that doubles with every attempt."""
    return lambda wildcards, attempt: base * 2 ** (attempt - 1)

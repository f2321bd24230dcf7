"""Where the jobs of a study queue on a cluster."""

from __future__ import annotations

import shlex
from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt, field_validator

from radpred.config._base import Settings

Name = Annotated[str, Field(pattern=r"^[^\s'\"]+$")]
# What radpred or its engine asks for itself, and where the same is said instead.
_TAKEN = {
    "account": "cluster.account",
    "partition": "cluster.partition",
    "qos": "cluster.qos",
    "constraint": "cluster.constraint",
    "gpus": "device: gpu",
    "gres": "device: gpu",
    "mem": "set-resources of a profile",
    "mem-per-cpu": "set-resources of a profile",
    "time": "set-resources of a profile",
    "cpus-per-task": "set-threads of a profile",
    **dict.fromkeys(
        (
            "job-name",
            "output",
            "error",
            "comment",
            "export",
            "parsable",
            "ntasks",
            "nodes",
            "signal",
        ),
        "nothing: radpred sets it",
    ),
}
_SHORT = {
    "A": "account",
    "p": "partition",
    "C": "constraint",
    "t": "time",
    "c": "cpus-per-task",
    "J": "job-name",
    "o": "output",
    "e": "error",
    "n": "ntasks",
    "N": "nodes",
}


class ClusterSettings(Settings):
    """Where jobs queue on a cluster; no value depends on it, and nothing is run again for it."""

    account: Name | None = Field(
        default=None, description="Who pays for the jobs; without one, whom Slurm takes by default."
    )
    partition: Name | None = Field(
        default=None, description="The queue of jobs; without one, the cluster's own default."
    )
    gpu_partition: Name | None = Field(
        default=None,
        description="The queue of jobs that ask for a graphics card: those that measure, with "
        "device gpu; without one, the queue of all.",
    )
    qos: Name | None = Field(default=None, description="The quality of service to ask for.")
    constraint: Name | None = Field(
        default=None, description="What a node must have, in the cluster's own words."
    )
    extra: tuple[str, ...] = Field(
        default=(), description="Further options of sbatch, such as --nice=5, for every job."
    )
    main_hours: PositiveFloat | None = Field(
        default=None,
        description="How long the job of `radpred run --submit` may take; without it as long as "
        "its partition allows, and a week at most.",
    )
    main_memory_mb: PositiveInt = Field(
        default=2000, description="What the job of `radpred run --submit` may need."
    )

    @field_validator("extra")
    @classmethod
    def _extra_leaves_the_rest_alone(cls, extra: tuple[str, ...]) -> tuple[str, ...]:
        for option in extra:
            word = option.partition("=")[0]
            name = word.removeprefix("--") if word.startswith("--") else _SHORT.get(word[1:2], "")
            if not option.startswith("-") or any(letter.isspace() for letter in word):
                msg = (
                    f"{option!r} is no option of sbatch; write each as one word, such as "
                    "'--nice=5', or two, such as '--exclude' and 'node7', as '--exclude=node7'"
                )
                raise ValueError(msg)
            if name in _TAKEN:
                msg = f"{option!r} is set elsewhere; instead of it use {_TAKEN[name]}"
                raise ValueError(msg)
        return extra

    def resources(self, *, gpus: int = 0) -> dict[str, str | int]:
        """Return what a job asks of the scheduler, in the words of Snakemake's Slurm plugin.

        Parameters
        ----------
        gpus : int
            How many graphics cards the job needs.
        """
        partition = (self.gpu_partition or self.partition) if gpus else self.partition
        words: dict[str, str | int | None] = {
            "gpu": gpus or None,
            "slurm_account": self.account,
            "slurm_partition": partition,
            "qos": self.qos,
            "constraint": self.constraint,
            "slurm_extra": shlex.join(self.extra) or None,
        }
        return {name: word for name, word in words.items() if word is not None}

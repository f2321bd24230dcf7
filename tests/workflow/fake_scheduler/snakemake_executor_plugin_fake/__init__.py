"""A scheduler for tests: jobs wait in a queue of their own, two run at once, whoever sent them.

Snakemake finds it by its name where this folder is on the path. A job is the line of its rule, and
not Snakemake anew, so that hundreds are cheap. The queue is the folder that ``FAKE_QUEUE`` names:
of each job who it is, and its exit status once it has ended.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import AsyncGenerator
from itertools import count
from pathlib import Path

from snakemake.shell import shell
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.settings import CommonSettings

common_settings = CommonSettings(
    non_local_exec=True,
    implies_no_shared_fs=False,
    job_deploy_sources=False,
    auto_deploy_default_storage_provider=False,
)
N_SLOTS = 2
# A job waits for its turn, runs in its own session, and leaves its status when it is done.
_JOB = "exec 9> {slot}; flock 9; {line}; echo $? > {status}.part; mv {status}.part {status}"


class Executor(RemoteExecutor):
    """Submits jobs to the queue, and asks it for their status."""

    def __post_init__(self) -> None:
        """Find the queue."""
        self.queue = Path(os.environ["FAKE_QUEUE"])
        self.numbers = count()

    def run_job(self, job):
        """Put one job into the queue."""
        for path in (*job.output, *job.log, *([job.benchmark] if job.benchmark else [])):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        number = next(self.numbers)
        self.queue.joinpath(f"{number:04d}.job").write_text(str(job.rule.name))
        status = self.queue / f"{number:04d}.status"
        line = f"bash -c {shlex.quote(shell._process_prefix + job.shellcmd)}"
        slot = self.queue / f"slot_{number % N_SLOTS}"
        subprocess.Popen(
            ["bash", "-c", _JOB.format(slot=slot, line=line, status=status)],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.report_job_submission(SubmittedJobInfo(job, external_jobid=str(status)))

    async def check_active_jobs(self, active_jobs) -> AsyncGenerator[SubmittedJobInfo, None]:
        """Report jobs that have ended; yield the others."""
        for one in active_jobs:
            status = Path(one.external_jobid)
            if not status.is_file():
                yield one
            elif status.read_text().strip() == "0":
                if one.job.benchmark:
                    Path(one.job.benchmark).touch()
                self.report_job_success(one)
            else:
                self.report_job_error(one)

    def cancel_jobs(self, active_jobs) -> None:
        """End no job: whoever holds the queue does."""

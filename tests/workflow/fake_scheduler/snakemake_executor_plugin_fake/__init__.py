"""A scheduler for tests: jobs wait in a queue of their own, two run at once, whoever sent them.

Snakemake finds it by its name where this folder is on the path. The queue is the folder that
``FAKE_QUEUE`` names: of each job its line, and its exit status once it has ended. Who works it off
is a process of its own (`works`), which outlives whoever submits.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
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


class Executor(RemoteExecutor):
    """Submits jobs to the queue, and asks it for their status."""

    def __post_init__(self) -> None:
        """Find the queue, and have it worked off."""
        self.queue = Path(os.environ["FAKE_QUEUE"])
        self.numbers = count()
        server = Path(__file__).with_name("works.py")
        subprocess.Popen(
            [sys.executable, str(server), str(self.queue)],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self.queue / "server.log").open("w"),
        )

    def run_job(self, job):
        """Put one job into the queue."""
        for path in (*job.output, *job.log, *([job.benchmark] if job.benchmark else [])):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        name = f"{next(self.numbers):04d}"
        told = {"rule": str(job.rule.name), "line": shell._process_prefix + job.shellcmd}
        unfinished = self.queue / f"{name}.part"
        unfinished.write_text(json.dumps(told))
        unfinished.rename(self.queue / f"{name}.job")
        status = self.queue / f"{name}.status"
        self.report_job_submission(SubmittedJobInfo(job, external_jobid=str(status)))

    async def check_active_jobs(self, active_jobs) -> AsyncGenerator[SubmittedJobInfo, None]:
        """Report jobs that have ended; yield the others."""
        for one in active_jobs:
            status = Path(one.external_jobid)
            if not status.is_file():
                yield one
            elif status.read_text() == "0":
                if one.job.benchmark:
                    Path(one.job.benchmark).touch()
                self.report_job_success(one)
            else:
                self.report_job_error(one)

    def cancel_jobs(self, active_jobs) -> None:
        """End no job: whoever holds the queue does."""

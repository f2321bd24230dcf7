"""Work off a queue of radpred's steps: ``works.py FOLDER``. Two run at once.

A job is a child of this process, which has all loaded that a step loads, so that hundreds of jobs
take no minutes to start.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from pathlib import Path

import radpred.stages.extract
import radpred.stages.segment  # noqa: F401 - loaded here, once for all jobs
from radpred.cli import app

N_SLOTS = 2
TICK_S = 0.02


def main() -> None:
    """Begin jobs as they come and slots are free; write down how each ended.

    It ends with its work, once whoever submits is gone.
    """
    queue, running, submitter = Path(sys.argv[1]), {}, os.getppid()
    while running or any(queue.glob("*.job")) or os.getppid() == submitter:
        for job in sorted(queue.glob("*.job")):
            if len(running) == N_SLOTS:
                break
            line = json.loads(job.read_text())["line"]
            job.rename(job.with_suffix(".begun"))
            running[begun(line)] = job.with_suffix(".status")
        while running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            path = running.pop(pid)
            path.with_suffix(".ended").write_text(str(os.waitstatus_to_exitcode(status)))
            path.with_suffix(".ended").rename(path)
        time.sleep(TICK_S)


def begun(line: str) -> int:
    """Begin one line of the workflow in a child; return its number."""
    pid = os.fork()
    if pid:
        return pid
    words = shlex.split(line[line.index("python -m radpred") :])
    log = words[words.index(">") + 1]
    with Path(log).open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.setsid()
    try:
        app(words[3 : words.index(">")], standalone_mode=False)
    except BaseException:  # noqa: BLE001 - of a child, whose status tells
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()

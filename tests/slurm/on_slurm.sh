#!/usr/bin/env bash
# Start a Slurm of two nodes, run the tests that need one, and stop it again if it was not there.
set -euo pipefail
cd "$(dirname "$0")/../.."
sandbox=../shared/slurm
python=${PYTHON:-python3}

if [ ! -f $sandbox/start-slurm.sh ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "SKIPPED: the tests on Slurm need ../shared/slurm, root and Debian's packages"
  exit 0
fi
was_there=0
if [ -n "${SLURM_CONF:-}" ] && sinfo -h >/dev/null 2>&1; then was_there=1; fi
if [ $was_there = 0 ]; then
  if ! bash $sandbox/start-slurm.sh; then
    echo "SKIPPED: Slurm could not be started here"
    exit 0
  fi
  trap 'bash $sandbox/stop-slurm.sh >/dev/null' EXIT
fi
set +u
. "${SLURM_SANDBOX_DIR:-/var/tmp/slurm-sandbox}/env.sh"
set -u
"$python" -m pytest tests/slurm --durations=0 --durations-min=5 "$@"

"""A stand-in for S3 on this machine alone, for tests to share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

BUCKET = "hospital"
_KEY = "made-up"
_SETTINGS = {
    "AWS_ACCESS_KEY_ID": _KEY,
    "AWS_SECRET_ACCESS_KEY": _KEY,
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,  # nobody's own settings, nobody's own credentials
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
_OTHERS = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_REGION")


@contextmanager
def s3_server() -> Iterator[Any]:
    """Start the stand-in, point the environment to it, and yield a client of it."""
    moto_server = pytest.importorskip("moto.server", reason="needs radpred[dev]'s moto")
    boto3 = pytest.importorskip("boto3")
    pytest.importorskip("snakemake_storage_plugin_s3")
    from radpred.stages.inputs.at_hand import _objects

    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    kept = {name: value for name, value in os.environ.items() if name not in _OTHERS}
    settings = {**kept, **_SETTINGS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}
    try:
        with mock.patch.dict(os.environ, settings, clear=True):
            _objects.cache_clear()
            client = boto3.client("s3")
            client.create_bucket(Bucket=BUCKET)
            yield client
    finally:
        _objects.cache_clear()
        server.stop()


def put(client: Any, path: Path, key: str) -> str:
    """Put a file into the bucket; return its address."""
    client.upload_file(str(path), BUCKET, key)
    return f"s3://{BUCKET}/{key}"

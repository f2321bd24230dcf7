"""Objects in S3, each by its ``s3://bucket/key``: whether they are there, and copies of them.

Addresses and credentials are those that every program of Amazon's library finds, and so
Snakemake's plug-in: ``AWS_ENDPOINT_URL``, ``AWS_ACCESS_KEY_ID``, ``~/.aws`` and so on.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from radpred.errors import InputError, SettingsError
from radpred.sources import split_source

T = TypeVar("T")

_NEEDED = ("boto3", "snakemake_storage_plugin_s3")
_ABSENT = ("404", "NoSuchKey", "NoSuchBucket", "NotFound")
_REFUSED = ("400", "401", "403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch")
_REGION = "us-east-1"  # as the plug-in has it; S3 itself tells where else a bucket is


def require_s3() -> None:
    """Raise where what reads S3 is not installed.

    Raises
    ------
    SettingsError
        ``no_storage``.
    """
    absent = [name for name in _NEEDED if find_spec(name) is None]
    if absent:
        msg = (
            f"the cases table names objects in S3, and {', '.join(absent)} is not installed; "
            "pip install 'radpred[s3]', or copy the files here and name the copies"
        )
        raise SettingsError(msg, code="no_storage")


class Objects:
    """What can be asked of S3; one client, for all threads of a process.

    Raises
    ------
    SettingsError
        ``no_storage``: what reads S3 is not installed.
    """

    def __init__(self) -> None:
        require_s3()
        import boto3
        from botocore.config import Config

        settings = Config(
            retries={"max_attempts": 5, "mode": "standard"},
            connect_timeout=20,
            response_checksum_validation="when_required",  # not every S3 is Amazon's
        )
        session = boto3.session.Session()
        region = session.region_name or _REGION
        self._client: Any = session.client("s3", config=settings, region_name=region)

    def state(self, uri: str) -> str:
        """Return what changes when an object does.

        Raises
        ------
        InputError
            It is not there (``missing_file``), may not be read (``storage_refused``), or the
            storage does not answer (``storage_unreachable``).
        """
        bucket, key = _place(uri)
        found = _asked(uri, lambda: self._client.head_object(Bucket=bucket, Key=key))
        return f"{found['ETag']} {found['ContentLength']}"

    def download(self, uri: str, path: Path) -> None:
        """Write an object to ``path``.

        Raises
        ------
        InputError
            As of `state`.
        """
        bucket, key = _place(uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        _asked(uri, lambda: self._client.download_file(bucket, key, str(path)))


def _place(uri: str) -> tuple[str, str]:
    """Return the bucket and the key of an object, whatever part of it is meant."""
    bucket, _, key = split_source(uri)[0].removeprefix("s3://").partition("/")
    if not bucket or not key or key.endswith("/"):
        msg = f"{uri}: not the address of one object; write s3://bucket/folder/file"
        raise InputError(msg, code="missing_file")
    return bucket, key


def _asked(uri: str, ask: Callable[[], T]) -> T:
    """Return what S3 answers, or raise what its refusal means."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    try:
        return ask()
    except ClientError as error:
        raise _refusal(uri, error) from error
    except NoCredentialsError as error:
        msg = f"{uri}: no credentials were found; set AWS_ACCESS_KEY_ID and so on, or AWS_PROFILE"
        raise InputError(msg, code="storage_unreachable") from error
    except BotoCoreError as error:
        msg = f"{uri}: {error}; check the network and AWS_ENDPOINT_URL, then run again"
        raise InputError(msg, code="storage_unreachable") from error


def _refusal(uri: str, error: Any) -> InputError:
    """Return what an answer that is an error means for who asked."""
    came = str(error.response.get("Error", {}).get("Code", ""))
    if came in _ABSENT:
        msg = f"{uri}: no such object; correct the address, or put the object there"
        return InputError(msg, code="missing_file")
    if came in _REFUSED:
        msg = f"{uri}: S3 refuses to show it ({came}); ask its owner for the right to read it, or "
        return InputError(msg + "name other credentials", code="storage_refused")
    msg = f"{uri}: S3 answers {came or error}; run again later"
    return InputError(msg, code="storage_unreachable")

"""Cases whose files are far away, in S3 or on a slow disk, with copies at hand while they last."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from radpred.cohort import Case, Verdict
from radpred.errors import InputError, warn
from radpred.sources import is_remote, is_whole, joined_source, split_source
from radpred.stages.work.objects import Objects

STAGE = "cases"
FETCHED = "RADPRED_FETCHED"  # the folder that Snakemake's storage fetches to; the rules set it
_AT_ONCE = 16
_HEAD = 1 << 16  # bytes that hold the header of a file


@contextmanager
def at_hand(cases: Sequence[Case], *, scratch: str = "") -> Iterator[list[Case]]:
    """Yield cases with files that are on this machine, copied where they were not.

    Of an object in S3 that is the copy which Snakemake fetched, or one of its own. Copies of
    its own are gone when the block ends.

    Parameters
    ----------
    cases : sequence of Case
        Whose files are to be read.
    scratch : str
        A folder of this machine that local files are copied to as well, or nothing. ``$TMPDIR``
        stands for what the variable holds. A folder that is not there, or is full, costs no case:
        files are read from where they are.

    Raises
    ------
    InputError
        An object is not there, or may not be read.
    """
    folder = _scratch_folder(scratch)
    here = {source: _fetched(source) for case in cases for source in sources_of(case)}
    far = sorted({_path(there) for there in here.values() if _is_far(there, folder)})
    if not far:
        yield [_moved(case, here) for case in cases]
        return
    with TemporaryDirectory(prefix="radpred-", dir=folder) as copies:
        places = {
            path: _copied(path, Path(copies) / str(number) / Path(path).name)
            for number, path in enumerate(far)
        }
        moved = {source: _replaced(there, places) for source, there in here.items()}
        yield [_moved(case, moved) for case in cases]


def sources_of(case: Case) -> list[str]:
    """Return where the files of a case are."""
    masks = [*case.masks.values(), *(p for own in case.readers.values() for p in own.values())]
    return [path for path in (*case.images.values(), *masks, case.organ_mask) if path]


def is_far(case: Case) -> bool:
    """Tell whether any file of a case is an object in S3."""
    return any(map(is_remote, sources_of(case)))


def state_of(source: str) -> list[str | int]:
    """Return what changes when the file of a source does.

    Raises
    ------
    InputError
        An object is not there, or may not be read.
    OSError
        A file is not there.
    """
    if is_remote(source):
        return [_objects().state(source)]
    found = Path(split_source(source)[0]).stat()
    return [found.st_size, found.st_mtime_ns]


def without_absent(
    cases: Sequence[Case], verdicts: Sequence[Verdict]
) -> tuple[list[Case], list[Verdict]]:
    """Return the cases whose objects can all be read, and the verdicts with those on the others.

    Raises
    ------
    InputError
        ``storage_unreachable``: the storage does not answer, or there are no credentials. Nothing
        is known of the cases then, and none is rejected for it.
    SettingsError
        ``no_storage``: what reads S3 is not installed.
    """
    wanted = sorted({s for case in cases for s in sources_of(case) if is_remote(s)})
    if not wanted:
        return list(cases), list(verdicts)
    _objects()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = dict(zip(wanted, pool.map(_error, wanted), strict=True))
    found: dict[str, Verdict] = {}
    for case in cases:
        errors = [e for s in sources_of(case) if (e := answers.get(s)) is not None]
        if errors:
            who = case.case_id, case.patient_id
            found[case.case_id] = Verdict.rejected(*who, stage=STAGE, error=errors[0])
    kept = [case for case in cases if case.case_id not in found]
    judged = [v if v.status == "rejected" else found.get(v.case_id, v) for v in verdicts]
    return kept, judged


def _error(source: str) -> InputError | None:
    """Return why an object cannot be read, or None; raise where the storage is to blame."""
    try:
        state_of(source)
    except InputError as error:
        if error.code == "storage_unreachable":
            raise
        return error
    return None


@cache
def _objects() -> Objects:
    """Return the one client of this process."""
    return Objects()


def _path(source: str) -> str:
    """Return the path of a source."""
    return split_source(source)[0]


def _fetched(source: str) -> str:
    """Return the copy that Snakemake made of an object, or the source where there is none."""
    path, part = split_source(source)
    folder = os.environ.get(FETCHED, "")
    copy = Path(folder) / "s3" / path.removeprefix("s3://")
    return joined_source(copy, part) if folder and is_remote(path) and copy.exists() else source


def _replaced(source: str, places: Mapping[str, str]) -> str:
    """Return a source with its path replaced where another place holds a copy."""
    path, part = split_source(source)
    return joined_source(places[path], part) if path in places else source


def _is_far(source: str, scratch: Path | None) -> bool:
    """Tell whether a source is to be copied.

    What is a part of a file, or has other files beside it, is left where it is.
    """
    if is_remote(source) or scratch is None:
        return is_remote(source)
    path, part = split_source(source)
    return not part and (Path(path).is_dir() or (is_whole(path) and not _is_header(path)))


def _is_header(path: str) -> bool:
    """Tell whether a file of NRRD names another file that holds its voxels."""
    if not path.lower().endswith(".nrrd") or not Path(path).is_file():
        return False
    with Path(path).open("rb") as file:
        head = file.read(_HEAD).lower().replace(b" ", b"")
    return b"\ndatafile:" in head


def _copied(source: str, place: Path) -> str:
    """Copy a file, a folder or an object, and return where the copy is.

    A local one that cannot be copied stays where it is.
    """
    if is_remote(source):
        _objects().download(source, place)
        return str(place)
    try:
        place.parent.mkdir()
        if Path(source).is_dir():
            shutil.copytree(source, place)
        else:
            shutil.copyfile(source, place)
    except OSError as error:
        shutil.rmtree(place.parent, ignore_errors=True)
        warn(f"{source}: cannot be copied to the scratch folder ({error}); it is read in place")
        return source
    return str(place)


def _scratch_folder(scratch: str) -> Path | None:
    """Return the scratch folder, made where it was not there; None where there is none."""
    if not scratch:
        return None
    folder = Path(os.path.expandvars(scratch)).expanduser()
    try:
        if "$" in str(folder):
            msg = "the variable is not set"
            raise OSError(msg)
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            msg = "nothing may be written there"
            raise OSError(msg)
    except OSError as error:
        warn(f"scratch {scratch}: {error}; files are read from where they are")
        return None
    return folder


def _moved(case: Case, here: Mapping[str, str]) -> Case:
    """Return a case whose files are read from elsewhere."""

    def moved(paths: Mapping[str, str]) -> dict[str, str]:
        return {modality: here.get(path, path) for modality, path in paths.items()}

    return replace(
        case,
        images=moved(case.images),
        masks=moved(case.masks),
        organ_mask=here[case.organ_mask] if case.organ_mask else None,
        readers={name: moved(own) for name, own in case.readers.items()},
    )

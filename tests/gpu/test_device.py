"""A card is found, or what is missing is named; one process owns it, and none is forked."""

from __future__ import annotations

import fcntl
import os
import tempfile

import numpy as np
import pytest

from radpred.backends import HOST, device_of, find_device, to_device
from radpred.backends import device as module
from radpred.errors import DeviceError
from radpred.stages.work import device as stage
from radpred.stages.work.device import owned_device

CARD = "Made-up card"


@pytest.fixture
def locks(tmp_path, monkeypatch):
    """Keep locks in a folder of their own, and forget which this process holds."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stage._held.cache_clear()
    yield tmp_path
    stage._held.cache_clear()


@pytest.fixture
def other_process(device, locks):
    """Hold the card as another process would: locks belong to open files."""
    os.close(stage._held(find_device("auto").identity))
    stage._held.cache_clear()
    (path,) = locks.iterdir()
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def test_a_card_that_works_is_found(device):
    found = find_device("auto")
    assert (found.name, found.is_card) == (CARD, True)
    assert find_device("gpu") == found


def test_the_cpu_is_taken_where_it_is_asked_for(device):
    assert find_device("cpu") == HOST


def test_without_a_card_auto_takes_the_cpu(device):
    device.remove()
    assert find_device("auto") == HOST


def test_without_a_card_a_demanded_one_is_refused_with_a_cure(device):
    device.remove()
    with pytest.raises(DeviceError, match=r"cannot use a card .*nvidia-smi.*auto") as raised:
        find_device("gpu")
    assert raised.value.code == "no_device"


def test_without_cupy_a_demanded_card_is_refused_with_a_cure(device, monkeypatch):
    monkeypatch.setattr(module, "_is_installed", lambda: False)
    assert find_device("auto") == HOST
    with pytest.raises(DeviceError, match=r"CuPy is not installed; pip install 'radpred\[gpu\]'"):
        find_device("gpu")


def test_a_card_whose_libraries_are_missing_is_refused_with_a_cure(device, monkeypatch):
    def missing(*given):
        msg = "libcublas.so.12: cannot open shared object file"
        raise ImportError(msg)

    import cupy

    monkeypatch.setattr(cupy, "matmul", missing)
    assert find_device("auto") == HOST
    with pytest.raises(DeviceError, match=r"libcublas.*pip install 'radpred\[gpu\]'"):
        find_device("gpu")


def test_an_array_says_where_it_lives(device):
    array = np.arange(3.0)
    assert device_of(array) == "cpu"
    assert device_of(to_device(array)) == CARD


def test_an_array_goes_to_the_card_once(device):
    card = find_device("auto")
    device.forget()
    there = card.put(np.arange(3.0))
    assert card.put(there) is there
    assert device.up == [24]


def test_the_host_takes_an_array_off_the_card(device):
    assert HOST.put(to_device(np.arange(3.0))).tolist() == [0.0, 1.0, 2.0]


def test_a_process_forked_from_one_that_used_the_card_is_told_so(device, monkeypatch):
    to_device(np.zeros(2))
    monkeypatch.setattr(os, "getpid", lambda: -1)
    with pytest.raises(DeviceError, match=r"was forked .*'spawn'") as raised:
        to_device(np.zeros(2))
    assert raised.value.code == "forked"


def test_a_forked_process_that_measures_on_the_cpu_is_not_affected(device, monkeypatch):
    to_device(np.zeros(2))
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert HOST.put(np.arange(2)).tolist() == [0, 1]


def test_the_first_process_owns_the_card(device, locks):
    assert owned_device("auto").name == CARD
    assert owned_device("gpu").name == CARD


def test_a_card_that_another_process_owns_leaves_the_cpu(other_process):
    assert owned_device("auto") == HOST


def test_a_demanded_card_is_waited_for(other_process, monkeypatch, caplog):
    waits = []

    def sleep(seconds):
        waits.append(seconds)
        fcntl.flock(other_process, fcntl.LOCK_UN)

    monkeypatch.setattr(stage.time, "sleep", sleep)
    assert owned_device("gpu").name == CARD
    assert len(waits) == 1
    assert "another process measures on Made-up card; waiting" in caplog.text


def test_the_cpu_is_owned_by_everybody(device, locks):
    assert owned_device("cpu") == HOST
    assert list(locks.iterdir()) == []

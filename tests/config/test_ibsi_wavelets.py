"""Settings of IBSI 2's wavelets and of the Riesz transform are checked at the door."""

from __future__ import annotations

import pytest

from radpred.config import extraction_settings
from radpred.errors import SettingsError


def read(**chosen):
    return extraction_settings({"filters": [chosen]}).filters[0]


def test_a_separable_wavelet_is_not_rotated_unless_its_responses_are_pooled():
    chosen = read(kind="separable_wavelet", subbands=["LLH", "HHH"])
    assert (chosen.wavelet, chosen.level, chosen.pooling) == ("coif1", 1, None)
    assert chosen.subbands == ("LLH", "HHH")


def test_simoncelli_s_wavelet_has_three_levels_of_an_image_that_repeats():
    chosen = read(kind="nonseparable_wavelet")
    assert (chosen.levels, chosen.beyond) == ((1, 2, 3), "periodic")


@pytest.mark.parametrize("subband", ["", "L", "LLLL", "LAH", "llh"])
def test_a_sub_band_has_two_or_three_letters_l_and_h(subband):
    with pytest.raises(SettingsError, match="subbands"):
        read(kind="separable_wavelet", subbands=[subband])


def test_a_wavelet_that_does_not_exist_is_refused_with_names_near_it():
    with pytest.raises(SettingsError, match=r"no discrete wavelet has this name.*coif1"):
        read(kind="separable_wavelet", subbands=["LLH"], wavelet="coif18")


@pytest.mark.parametrize("order", [[1], [1, 0, 0, 0], [1, -1, 0], [0.5, 0, 0]])
def test_an_order_has_two_or_three_numbers_of_derivatives(order):
    with pytest.raises(SettingsError, match="orders"):
        read(kind="riesz", orders=[order])


def test_an_order_without_a_derivative_is_refused():
    with pytest.raises(SettingsError, match="without a derivative is the image itself"):
        read(kind="riesz", orders=[[1, 0, 0], [0, 0, 0]])


def test_one_response_at_most_is_transformed():
    with pytest.raises(SettingsError, match="either level or sigma_mm"):
        read(kind="riesz", orders=[[1, 0, 0]], level=1, sigma_mm=3)


def test_nothing_is_filtered_where_nothing_is_asked_for():
    for kind, empty in [("separable_wavelet", "subbands"), ("riesz", "orders")]:
        with pytest.raises(SettingsError, match=empty):
            read(kind=kind, **{empty: []})

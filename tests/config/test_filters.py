"""Settings of filters are checked at the door."""

from __future__ import annotations

import pytest
import pywt
from pydantic import TypeAdapter, ValidationError

from radpred.config import Filter, Wavelet, extraction_settings
from radpred.config.filters._wavelets import WAVELETS
from radpred.errors import SettingsError

IMAGE_TYPES = {
    "Original": "original",
    "LoG": "laplacian_of_gaussian",
    "Wavelet": "wavelet",
    "Square": "square",
    "SquareRoot": "square_root",
    "Logarithm": "logarithm",
    "Exponential": "exponential",
    "Gradient": "gradient",
    "LBP2D": "local_binary_pattern_2d",
    "LBP3D": "local_binary_pattern_3d",
}


def read(image_types, setting=None):
    return extraction_settings({"imageType": image_types, "setting": setting or {}})


def test_the_wavelets_are_those_of_pywavelets():
    assert sorted(WAVELETS) == sorted(pywt.wavelist(kind="discrete"))


@pytest.mark.parametrize(("name", "near"), [("coif18", "coif1"), ("Coif1", "coif1"), ("db", "db")])
def test_a_wavelet_that_does_not_exist_is_refused_with_names_near_it(name, near):
    with pytest.raises(SettingsError, match=f"no discrete wavelet has this name.*{near}"):
        extraction_settings({"filters": [{"kind": "wavelet", "wavelet": name}]})


def test_every_image_type_of_pyradiomics_is_followed():
    radiomics = pytest.importorskip("radiomics", reason="needs radpred[pyradiomics]")
    assert set(radiomics.getImageTypes()) == set(IMAGE_TYPES)


def test_image_types_become_filters_with_the_defaults_of_pyradiomics():
    filters = read({**dict.fromkeys(IMAGE_TYPES), "LoG": {"sigma": [1.0]}}).filters
    assert [chosen.kind for chosen in filters] == list(IMAGE_TYPES.values())
    gradient, circle, sphere = filters[-3:]
    assert gradient.use_spacing
    assert (circle.radius, circle.samples, circle.method, circle.across) == (1, 8, "uniform", "z")
    assert (sphere.levels, sphere.icosphere_radius, sphere.icosphere_subdivision) == (2, 1, 1)


OPTIONS = {
    "Gradient": ({"gradientUseSpacing": False}, {"use_spacing": False}),
    "LBP2D": (
        {"lbp2DRadius": 2.5, "lbp2DSamples": 12, "lbp2DMethod": "ror"},
        {"radius": 2.5, "samples": 12, "method": "ror"},
    ),
    "LBP3D": (
        {"lbp3DLevels": 3, "lbp3DIcosphereRadius": 2, "lbp3DIcosphereSubdivision": 0},
        {"levels": 3, "icosphere_radius": 2, "icosphere_subdivision": 0},
    ),
}


@pytest.mark.parametrize("is_general", [True, False])
@pytest.mark.parametrize("image_type", OPTIONS)
def test_options_may_stand_in_the_image_type_or_in_the_settings(image_type, is_general):
    theirs, ours = OPTIONS[image_type]
    settings = read({image_type: {}}, theirs) if is_general else read({image_type: theirs})
    found = settings.filters[0].model_dump()
    assert {key: found[key] for key in ours} == ours


def test_circles_lie_across_the_axis_of_force2d_even_where_2d_is_not_forced():
    settings = read({"LBP2D": {}}, {"force2D": False, "force2Ddimension": 2})
    assert (settings.filters[0].across, settings.force_2d) == ("x", None)


@pytest.mark.parametrize(
    ("image_type", "options", "what"),
    [
        ("LBP2D", {"lbp2DMethod": "rot"}, "method"),
        ("LBP2D", {"lbp2DSamples": 0}, "samples"),
        ("LBP2D", {"lbp2DSamples": 32, "lbp2DMethod": "default"}, "at most 31 samples"),
        ("LBP3D", {"lbp3DIcosphereRadius": 0}, "icosphere_radius"),
        ("Square", {"gradientUseSpacing": True}, "gradientUseSpacing inside the image type Square"),
        ("Wavelet", {"wavelet": "coif99"}, "no discrete wavelet"),
    ],
)
def test_an_option_that_is_not_followed_is_refused_by_name(image_type, options, what):
    with pytest.raises(SettingsError, match=what):
        read({image_type: options})


def test_a_filter_of_no_kind_is_refused():
    with pytest.raises(ValidationError, match="sobel"):
        TypeAdapter(Filter).validate_python({"kind": "sobel"})


def test_settings_survive_a_round_trip():
    assert Wavelet.model_validate_json(Wavelet(wavelet="bior2.2").model_dump_json()) == Wavelet(
        wavelet="bior2.2"
    )

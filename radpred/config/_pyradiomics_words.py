"""What a setting, an image type or an option is called in PyRadiomics, and what here."""

from __future__ import annotations

SECTIONS = ("setting", "imageType", "featureClass", "voxelSetting")

# The same thing in other words.
RENAMED = {
    "voxelArrayShift": "voxel_array_shift",
    "normalize": "normalise",
    "normalizeScale": "normalise_scale",
    "removeOutliers": "normalise_limit_sd",
    "padDistance": "padding_voxels",
    "preCrop": "crop_before_filters",
    "resegmentRange": "resegment_range",
    "resegmentMode": "resegment_mode",
    "resegmentShape": "resegment_shape",
    "minimumROIDimensions": "minimum_dimensions",
    "label": "mask_label",
    "label_channel": "mask_channel",
    "distances": "distances",
    "symmetricalGLCM": "symmetric_glcm",
    "gldm_a": "dependence_cutoff",
}
INTERPOLATORS = {
    "sitkNearestNeighbor": "nearest",
    "sitkLinear": "linear",
    "sitkBSpline": "bspline",
    1: "nearest",
    2: "linear",
    3: "bspline",
}
WEIGHTINGS = {
    None: "averaged",
    "no_weighting": "merged",
    "euclidean": "euclidean",
    "manhattan": "manhattan",
    "infinity": "infinity",
}
AXES = ("z", "y", "x")
# Outside a region a map of radpred's is NaN, and its batches are its own affair.
OF_MAPS = {
    "kernelRadius": "kernel_radius",
    "maskedKernel": "masked_kernel",
    "initValue": "",
    "voxelBatch": "",
}
# These change no value here: they say how much is told, or which axis is meant by others.
WITHOUT_EFFECT = (
    "force2D",
    "force2Ddimension",
    "additionalInfo",
    "correctMask",
    "enableCExtensions",
)
OF_BINS = ("binWidth", "binCount")
# Image types: the filter's kind, and what their settings are called there.
IMAGE_TYPES: dict[str, tuple[str, dict[str, str]]] = {
    "Original": ("original", {}),
    "LoG": ("laplacian_of_gaussian", {"sigma": "sigma_mm"}),
    "Wavelet": (
        "wavelet",
        {"wavelet": "wavelet", "level": "level", "start_level": "start_level"},
    ),
    "Square": ("square", {}),
    "SquareRoot": ("square_root", {}),
    "Logarithm": ("logarithm", {}),
    "Exponential": ("exponential", {}),
    "Gradient": ("gradient", {"gradientUseSpacing": "use_spacing"}),
    "LBP2D": (
        "local_binary_pattern_2d",
        {"lbp2DRadius": "radius", "lbp2DSamples": "samples", "lbp2DMethod": "method"},
    ),
    "LBP3D": (
        "local_binary_pattern_3d",
        {
            "lbp3DLevels": "levels",
            "lbp3DIcosphereRadius": "icosphere_radius",
            "lbp3DIcosphereSubdivision": "icosphere_subdivision",
        },
    ),
}
OF_IMAGE_TYPES = frozenset(key for _, of_kind in IMAGE_TYPES.values() for key in of_kind)

"""The images that features are computed on, made by filters from a scan."""

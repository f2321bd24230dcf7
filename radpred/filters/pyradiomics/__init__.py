"""Filters as PyRadiomics applies them."""

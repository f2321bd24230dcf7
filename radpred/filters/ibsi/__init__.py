"""Filters as IBSI 2 defines them."""

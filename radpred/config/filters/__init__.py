"""Settings of filters: those of PyRadiomics and those of IBSI 2."""

"""radpred beside its peers, measured in one run.

``make bench`` makes an environment for each peer (``peers``), the cases (``cases``), measures each
cell of the matrix in a process of its own (``run``, which starts ``one``) and writes
``docs/performance.md`` and its pictures (``document``). ``plan`` names what is measured, ``goals``
what was to be reached. Nothing here runs in the ordinary tests but ``test_*.py``.
"""

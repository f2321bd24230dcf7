"""Studies on a real Slurm of two nodes; skipped aloud where none is at hand.

``make test-slurm`` starts one from ``../shared/slurm`` (as root, on Debian) and runs these tests;
any Slurm whose ``sinfo`` answers will do for those that disturb no node.
"""

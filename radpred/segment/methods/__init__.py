"""Window to voxels: one module for each way to tell a lesion from its surroundings."""

"""One adapter an engine, each importing it and offering two functions.

``prepared(image_path, label_path, cell, mode)`` reads a case, sets the engine and returns a
function of no arguments that measures it, giving name -> value: only that function is timed.
``mapped(image_path, label_path, cell, mode)``, where the engine has maps, does the same for the
GLCM's maps, giving name -> values of the region's voxels in array order.
"""

"""Thoughts and scores -> figures that are returned and never shown: maps, distances, curves; light and dark.

Every function gives a `matplotlib.figure.Figure` of 7.2 inches, made without pyplot: `figure.savefig("map.svg")`, or in
a notebook `%matplotlib inline` once and the figure as the last line of a cell.
"""

from thought.plots.curves import bleu_by_bottleneck, bleu_by_length, cheating_meter, retrieval_floors
from thought.plots.distances import distance_distributions, similarity_matrix, spectrum
from thought.plots.learning import training_curves
from thought.plots.maps import before_and_after, map_of_groups, map_of_thoughts, map_with_control

__all__ = [
    "before_and_after",
    "bleu_by_bottleneck",
    "bleu_by_length",
    "cheating_meter",
    "distance_distributions",
    "map_of_groups",
    "map_of_thoughts",
    "map_with_control",
    "retrieval_floors",
    "similarity_matrix",
    "spectrum",
    "training_curves",
]

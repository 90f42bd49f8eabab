"""Walks, graded: how often an edit, an analogy or a path arrives, beside walks that cannot know where to go.

An analogy without a score is an anecdote. Each kind of walk is taken many times on sentences it was
not estimated from, and again with random directions of equal length and without moving at all: an
edited sentence is so near to the first one that standing still already finds much.
"""

from thought.grading.analogies import grade_analogies, make_quadruples
from thought.grading.edits import edit_pairs, grade_edits
from thought.grading.paths import grade_grid, grade_interpolation

__all__ = ["edit_pairs", "grade_analogies", "grade_edits", "grade_grid", "grade_interpolation", "make_quadruples"]

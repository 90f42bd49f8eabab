"""Thoughts -> numbers that say whether nearness in the space is sameness in meaning; numpy in, floats out."""

from thought.geometry.retrieval import retrieval_accuracy

__all__ = ["retrieval_accuracy"]

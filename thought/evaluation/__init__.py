"""A run and sentences it has not seen -> one honest report: numbers, floors beside them, and what they mean."""

from thought.evaluation.report import PARTS, Report, evaluate
from thought.evaluation.translation import Direction, Translation, measure_translation

__all__ = ["PARTS", "Direction", "Report", "Translation", "evaluate", "measure_translation"]

"""Thoughts -> numbers that say whether nearness in the space is sameness in meaning; numpy in, floats out."""

from thought.geometry.calibration import Calibration, calibrate, paraphrase_pairs, random_pairs
from thought.geometry.clusters import alignment, kmeans_ari, purity, silhouette
from thought.geometry.cosine import cosines, nearest
from thought.geometry.distortion import Distortion, continuity, measure_distortion, neighbour_overlap, trustworthiness
from thought.geometry.language import LanguageShare, centre, language_share, probe_language
from thought.geometry.paraphrases import ParaphraseRetrieval, retrieve_paraphrases
from thought.geometry.probes import Probe, probe
from thought.geometry.retrieval import Retrieval, retrieval_accuracy, retrieve
from thought.geometry.spread import effective_dimension, intrinsic_dimension, spectrum, uniformity

__all__ = [
    "Calibration",
    "Distortion",
    "LanguageShare",
    "ParaphraseRetrieval",
    "Probe",
    "Retrieval",
    "alignment",
    "calibrate",
    "centre",
    "continuity",
    "cosines",
    "effective_dimension",
    "intrinsic_dimension",
    "kmeans_ari",
    "language_share",
    "measure_distortion",
    "nearest",
    "neighbour_overlap",
    "paraphrase_pairs",
    "probe",
    "probe_language",
    "purity",
    "random_pairs",
    "retrieval_accuracy",
    "retrieve",
    "retrieve_paraphrases",
    "silhouette",
    "spectrum",
    "trustworthiness",
    "uniformity",
]

"""A tiny world in English and German, and runs of random weights that write nonsense about it."""

from __future__ import annotations

import itertools
from pathlib import Path


def sentences() -> list[tuple[str, str]]:
    """Pairs of a tiny language world, English and German."""
    animals = {"dog": "Hund", "cat": "Kater", "bird": "Vogel"}
    verbs = {"runs": "rennt", "sleeps": "schläft", "sings": "singt"}
    sizes = {"big": "große", "small": "kleine", "red": "rote", "old": "alte"}
    places = {"in the park": "im Park", "at home": "zu Hause"}
    world = itertools.product(animals.items(), verbs.items(), sizes.items(), places.items())
    return [
        (f"a {size} {animal} {verb} {place}.", f"der {große} {tier} {tut} {ort}.")
        for (animal, tier), (verb, tut), (size, große), (place, ort) in world
    ]


def save_run(folder: Path, *overrides: str) -> Path:
    """Save a run with random weights: it writes nonsense, but always the same nonsense."""
    # Imported here, for most tests of the command line do without torch.
    import torch

    from thought.config import load_config
    from thought.model import Model
    from thought.tokenizer import Tokenizer
    from thought.translator import Translator

    sizes = ("tokenizer.vocabulary_size=320", "model.embedding_size=8", "model.encoder_size=8", "model.decoder_size=8")
    config = load_config("tiny", [*sizes, "model.thought_size=4", "data.longest=12", *overrides])
    texts = [text for pair in sentences() for text in pair]
    tokenizer = Tokenizer.train(texts, ("de", "en"), config.tokenizer)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = Model(config.model, tokenizer.vocabulary_size)
    Translator(model, tokenizer, config, step=7).save(folder)
    return folder

"""Text -> thought -> text: the object people use.

Left of it all is torch and makes thoughts; right of it all is numpy and looks at them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch.nn import functional as F

from thought import checkpoint
from thought.bottleneck import Memory
from thought.config import Config
from thought.errors import CheckpointError, ThoughtError, nearest
from thought.hardware import Precision, resolve_device, resolve_precision
from thought.model import Model, as_memory, check_thoughts
from thought.padding import length_batches, pad, require_rows, source_batch
from thought.pieces import Pieces
from thought.search import SearchConfig
from thought.tokenizer import END, PAD, Tokenizer
from thought.writing import Writer


class Translator:
    """A trained model with its tokenizer: sentences in, thoughts out, and back.

    Parameters
    ----------
    model, tokenizer, config : Model, Tokenizer, Config
        The settings are those it was trained with.
    device : torch.device
    precision : {"auto", "bfloat16", "float32"}
        Of matrix products; "auto" is bfloat16 where the hardware multiplies it natively.
    step : int
        Optimizer steps the weights have seen.
    pieces : Pieces, optional
        Of each language, where `config.model.output` is "language".

    Examples
    --------
    >>> translator = Translator.load("runs/tiny")  # as `thought train` leaves it
    >>> thoughts = translator.encode(["der Hund rennt.", "der Vogel singt."])
    >>> thoughts.shape, len(translator.decode(thoughts, to="en"))
    ((2, 4), 2)
    """

    def __init__(self, model: Model, tokenizer: Tokenizer, config: Config, *, device: torch.device | None = None,
                 precision: Precision = "auto", step: int = 0, pieces: Pieces | None = None) -> None:  # fmt: skip
        if (config.model.output == "language") != (pieces is not None):
            raise CheckpointError("pieces of each language are needed where model.output is language, and only there")
        self.device = device or torch.device("cpu")
        self.model = model.to(self.device)
        self.tokenizer = tokenizer
        self.config = config
        self.step = step
        self.pieces = pieces
        self.precision: torch.dtype = resolve_precision(precision, self.device)

    @classmethod
    def load(cls, path: str | Path, *, device: str = "auto", precision: Precision = "auto",
             weights: Literal["best", "last", "averaged"] = "best") -> Translator:  # fmt: skip
        """Open a run folder on "auto", "cpu", "cuda" or "cuda:1", with the weights best on dev, last, or averaged.

        Raises
        ------
        CheckpointError
            If the folder is no run, is damaged, or was written by a newer version.
        """
        folder = Path(path)
        config = checkpoint.load_config(folder)
        if weights not in checkpoint.WEIGHTS:
            raise CheckpointError(f"unknown weights {weights}{nearest(weights, checkpoint.WEIGHTS)}")
        tokenizer = Tokenizer.load(folder / "tokenizer.model")
        tensors, facts = checkpoint.load_tensors(folder / checkpoint.WEIGHTS[weights])
        model = Model(config.model, tokenizer.vocabulary_size)
        checkpoint.load_parameters(model, tensors, folder)
        place, step = resolve_device(device), int(facts.get("step", 0))
        pieces = Pieces(facts.get("pieces") or {}, tokenizer, place) if config.model.output == "language" else None
        return cls(model, tokenizer, config, device=place, precision=precision, step=step, pieces=pieces)

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages the model reads and writes."""
        return self.tokenizer.languages

    def encode(self, texts: str | Sequence[str], batch_size: int = 128, show_progress_bar: bool = False,
               normalize_embeddings: bool = False, convert_to_tensor: bool = False) -> Any:  # fmt: skip
        """Return the thoughts of sentences in any of the model's languages.

        Parameters
        ----------
        texts : str or sequence of str
            Empty strings are allowed. A single string gives a single thought.
        batch_size : int
            Sentences a batch. Batches are made of like lengths inside; the order is kept outside.
        show_progress_bar, normalize_embeddings, convert_to_tensor : bool
            Count batches on stderr; scale thoughts to length 1, so that dot products are cosines; return a
            tensor on the model's device instead of an array.

        Returns
        -------
        ndarray of shape (N, Z), float32
            (N, K, Z) for K > 1 vectors a sentence; (Z,) for a single string.

        Raises
        ------
        ThoughtError
            If the model was trained with `bottleneck = "none"`: it has no thought.
        """
        if self.config.model.bottleneck == "none":
            raise ThoughtError('this model was trained with bottleneck = "none": there is no thought to encode')
        rows = [texts] if isinstance(texts, str) else list(texts)
        count = int(self.config.model.bottleneck)
        thoughts = torch.empty((len(rows), count, self.config.model.thought_size))  # (N, K, Z)
        for indices, memory in self._memories(rows, batch_size, show_progress_bar):
            thoughts[indices] = memory.vectors.float().cpu()
        if count == 1:
            thoughts = thoughts[:, 0]  # (N, Z)
        if normalize_embeddings:
            thoughts = F.normalize(thoughts, dim=-1)
        if isinstance(texts, str):
            thoughts = thoughts[0]
        return thoughts.to(self.device) if convert_to_tensor else thoughts.numpy()

    def decode(self, thoughts: Any, to: str | Sequence[str], *, beam: int = 1, length_penalty: float = 1.0,
               reconstruction: float = 0.0, temperature: float = 0.0, seed: int = 0, longest: int = 0,
               batch_size: int = 256) -> list[str]:  # fmt: skip
        """Write thoughts as sentences.

        Parameters
        ----------
        thoughts : array or tensor of shape (N, Z), or (N, K, Z) for K > 1
        to : str or sequence of N str
            Language to write, one for all or one for each.
        beam, length_penalty, reconstruction, temperature, seed
            See `thought.search.SearchConfig`.
        longest, batch_size : int
            Tokens at most, 0 takes that of training; sentences a batch.

        Raises
        ------
        ThoughtError
            If the shape does not fit the model, a number is not finite, or a language is unknown.
        """
        require_rows(batch_size)
        search = self._search(beam=beam, length_penalty=length_penalty, reconstruction=reconstruction,
                              temperature=temperature, seed=seed, longest=longest)  # fmt: skip
        vectors = check_thoughts(thoughts, self.config.model)
        tags = self._tags(to, len(vectors))
        written: list[str] = []
        with torch.no_grad():
            for start in range(0, len(vectors), batch_size):
                rows = slice(start, start + batch_size)
                own = replace(search, seed=seed + start)  # or equal thoughts of two batches are sampled alike
                with self._autocast():
                    memory = as_memory(vectors[rows].to(self.device))
                    written += self._write(memory, tags[rows], own)
        return written

    def translate(self, texts: str | Sequence[str], to: str | Sequence[str], *, beam: int = 1,
                  length_penalty: float = 1.0, reconstruction: float = 0.0, temperature: float = 0.0,
                  seed: int = 0, longest: int = 0, batch_size: int = 256) -> list[str]:  # fmt: skip
        """Translate sentences: exactly `decode(encode(texts), to)`, for models that have a thought."""
        rows = [texts] if isinstance(texts, str) else list(texts)
        how: dict[str, Any] = {"beam": beam, "length_penalty": length_penalty, "reconstruction": reconstruction,
                               "temperature": temperature, "seed": seed, "longest": longest}  # fmt: skip
        if self.config.model.bottleneck != "none":
            return self.decode(self.encode(rows, batch_size), to, batch_size=batch_size, **how)
        search = self._search(**how)
        tags = self._tags(to, len(rows))
        written = [""] * len(rows)
        for indices, memory in self._memories(rows, batch_size, is_shown=False):
            with torch.no_grad(), self._autocast():
                for index, text in zip(indices, self._write(memory, tags[indices], search), strict=True):
                    written[index] = text
        return written

    def score(self, sources: Any, targets: Sequence[str], to: str | Sequence[str], *,
              batch_size: int = 256) -> np.ndarray:  # fmt: skip
        """Log-probability of each target given a thought; errors are those of `decode`.

        Parameters
        ----------
        sources : N sentences, or their thoughts of shape (N, Z), or (N, K, Z) for K > 1
        targets, to : N sentences and their language, one for all or one for each

        Returns
        -------
        ndarray of shape (N,), in nats, at most 0
            The sum over the target's tokens and its end. Chance is -(tokens + 1) log V. Bits a token
            are -sum(scores) / sum(token_counts(targets)) / log(2).
        """
        if len(sources) != len(targets):
            raise ThoughtError(f"score needs as many targets as sources, got {len(targets)} and {len(sources)}")
        tags = self._tags(to, len(sources))
        ids = self.tokenizer.encode(list(targets))
        if all(isinstance(source, str) for source in sources):
            memories = self._memories(list(sources), batch_size, is_shown=False)
        else:
            vectors = check_thoughts(sources, self.config.model).to(self.device)
            memories = ((indices, as_memory(vectors[indices])) for indices in length_batches(ids, batch_size))
        self.model.eval()
        scores = np.zeros(len(sources))
        for indices, memory in memories:
            with torch.no_grad(), self._autocast():
                target_in = pad([[int(tags[index]), *ids[index]] for index in indices]).to(self.device)  # (B, T)
                target_out = pad([[*ids[index], END] for index in indices]).to(self.device)
                logits = self.model.decoder.output(self.model.decoder(memory, target_in))  # (B, T, V)
                if self.pieces is not None:
                    logits = self.pieces.temper(logits, tags[indices].tolist())
                losses = F.cross_entropy(logits.flatten(0, 1), target_out.flatten(), ignore_index=PAD, reduction="none")
                scores[indices] = -losses.view_as(target_out).sum(dim=1).double().cpu().numpy()
        return scores

    def token_counts(self, texts: Sequence[str]) -> np.ndarray:
        """Tokens of each text with its end, as `score` sums over them: (N,), int64."""
        return np.array([len(row) + 1 for row in self.tokenizer.encode(list(texts))], dtype=np.int64)

    def untrained(self, seed: int = 1) -> Translator:
        """A translator of the same shape and tokenizer with fresh weights: what training has to beat."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = Model(self.config.model, self.tokenizer.vocabulary_size)
        precision: Precision = "bfloat16" if self.precision == torch.bfloat16 else "float32"
        return Translator(
            model, self.tokenizer, self.config, device=self.device, precision=precision, pieces=self.pieces
        )

    def save(self, path: str | Path) -> None:
        """Write settings, tokenizer and weights to a folder that `load` opens."""
        folder = Path(path)
        checkpoint.save_config(folder, self.config)
        checkpoint.save_bytes(folder / "tokenizer.model", self.tokenizer.model)
        weights = dict(self.model.named_parameters())
        facts = {"step": self.step, "pieces": None if self.pieces is None else self.pieces.own}
        checkpoint.save_tensors(folder / checkpoint.WEIGHTS["best"], weights, facts)

    def _memories(self, texts: list[str], batch_size: int, is_shown: bool) -> Iterator[tuple[list[int], Memory]]:
        """Memories of the texts in batches of like length, each with the places of its rows."""
        self.model.eval()
        ids = self.tokenizer.encode(texts)
        batches = length_batches(ids, batch_size)
        for indices in _shown(batches) if is_shown else batches:
            source, lengths = source_batch([ids[index] for index in indices])
            with torch.no_grad(), self._autocast():
                memory = self.model.think(source.to(self.device), lengths.to(self.device))
            yield indices, memory

    def _write(self, memory: Memory, tags: np.ndarray, search: SearchConfig) -> list[str]:
        self.model.eval()
        read = partial(self.encode, convert_to_tensor=True)
        return Writer(self.model.decoder, self.tokenizer, self.pieces, read).write(memory, tags, search)

    def _search(self, *, longest: int, **how: Any) -> SearchConfig:
        return SearchConfig(longest=longest or self.config.data.longest, **how)

    def _tags(self, to: str | Sequence[str], count: int) -> np.ndarray:
        languages = [to] * count if isinstance(to, str) else list(to)
        if isinstance(to, str):
            self.tokenizer.tag(to)  # also where there is nothing to write
        if len(languages) != count:
            raise ThoughtError(f"need one language for all or one for each of {count} sentences, got {len(languages)}")
        return np.array([self.tokenizer.tag(language) for language in languages], dtype=np.int64)

    def _autocast(self) -> AbstractContextManager[None]:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == torch.bfloat16)


def _shown(batches: Sequence[list[int]]) -> Any:
    from rich.console import Console
    from rich.progress import track

    return track(batches, description="Batches", console=Console(stderr=True))

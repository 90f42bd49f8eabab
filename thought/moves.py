"""Thoughts -> other thoughts: on the way between two, or an edit further; numpy in, numpy out."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from thought.errors import ScoringError, nearest
from thought.geometry.cosine import check_rows, cosines, unit

How = Literal["linear", "spherical"]
_SAME = 1e-4  # radians: below it an arc is a line
_OPPOSITE = 1e-3  # radians from straight behind, where no arc is the shortest


def between(first: np.ndarray, second: np.ndarray, shares: float | np.ndarray, how: How = "linear") -> np.ndarray:
    """Thoughts on the way from each of one to the same row of the other.

    Parameters
    ----------
    first, second : ndarray of shape (N, Z), or (N, K, Z)
        Neither is changed.
    shares : float or ndarray of shape (N,)
        Share of the way gone: 0 is the first, 1 the second.
    how : "linear" or "spherical"
        On the straight line, or at even angles on the arc between the two directions (Shoemake 1985, "slerp")
        with the length in proportion: thoughts of one length then stay as long as they were, while the
        middle of a line is shorter.

    Raises
    ------
    ScoringError
        If shapes differ, a value is not finite, or an arc is asked for between opposite directions.
    """
    if how not in get_args(How):
        raise ScoringError(f"unknown way {how}{nearest(how, get_args(How))}")
    first, second = np.asarray(first), np.asarray(second)
    one, two = flat(first), flat(second)
    cosine = np.clip(cosines(one, two), -1, 1)[:, None]  # (N, 1)
    share = np.broadcast_to(np.asarray(shares, dtype=np.float64), len(one))[:, None]  # (N, 1)
    if how == "linear":
        mixed = (1 - share) * one + share * two
    else:
        angle = np.arccos(cosine)
        if (angle > np.pi - _OPPOSITE).any():
            raise ScoringError('two thoughts point in opposite directions: no arc is the shortest; use how="linear"')
        sine = np.where(angle < _SAME, 1, np.sin(angle))
        left = np.where(angle < _SAME, 1 - share, np.sin((1 - share) * angle) / sine)
        right = np.where(angle < _SAME, share, np.sin(share * angle) / sine)
        lengths = [np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True) for rows in (one, two)]  # (N, 1)
        mixed = (left * unit(one) + right * unit(two)) * ((1 - share) * lengths[0] + share * lengths[1])
    found: np.ndarray = mixed.astype(np.result_type(one, np.float32)).reshape(first.shape)
    return found


def direction(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Estimate an edit from examples: the mean difference, (Z,), from thoughts before to thoughts after it.

    Parameters
    ----------
    first, second : ndarray of shape (N, Z), or (N, K, Z)
        Row i of one, edited, is row i of the other, such as "a man runs" and "a woman runs". Neither is changed.

    Raises
    ------
    ScoringError
        If shapes differ, there are no rows, or a value is not finite.

    Examples
    --------
    >>> direction(np.array([[0.0, 1.0], [4.0, 1.0]]), np.array([[1.0, 1.0], [5.0, 3.0]])).tolist()
    [1.0, 1.0]
    """
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape:
        raise ScoringError(f"shapes differ: before {first.shape}, after {second.shape}")
    check_rows(flat(first), "thoughts before the edit")
    check_rows(flat(second), "thoughts after the edit")
    moved: np.ndarray = (second - first).mean(axis=0)
    return moved


def apply(thoughts: np.ndarray, direction: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """Edit thoughts: go along a direction, so many times its length; below 0 backwards. The input is not changed.

    Raises
    ------
    ScoringError
        If the direction is not as wide as a thought.
    """
    thoughts, direction = np.asarray(thoughts), np.asarray(direction)
    if thoughts.shape[1:] != direction.shape:
        raise ScoringError(f"shapes differ: thoughts {thoughts.shape}, direction {direction.shape}")
    moved: np.ndarray = thoughts + np.asarray(strength, dtype=direction.dtype) * direction
    return moved


def flat(thoughts: np.ndarray) -> np.ndarray:
    """K vectors a thought in one row: (N, K, Z) -> (N, K * Z). Other shapes stay."""
    return thoughts.reshape(len(thoughts), -1) if thoughts.ndim > 2 else thoughts

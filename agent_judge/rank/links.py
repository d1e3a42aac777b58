"""How a difference in strength becomes the chance to win, to lose, or to tie.

Every function works elementwise on cells × rounds, ``(P, R)``, on the natural
scale: a difference ``d`` of 1 is 400/ln(10) Elo. ``t`` is the tie parameter of
each round, ``(R,)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Ties = Literal["half", "davidson", "rao-kupper"]


@dataclass
class Curve:
    """Slope of the log-likelihood of each cell, and its expected curvature (both against ``d`` and ``t``)."""

    d: Array
    dd: Array
    t: Array
    """Zero-length where the link has no tie parameter."""
    dt: Array
    tt: Array


class Link(Protocol):
    """One tie model."""

    parameters: int
    """0 or 1 tie parameters."""

    def prepare(self, won: Array, tied: Array, lost: Array) -> tuple[Array, ...]:
        """Reduces counts of cells to what :meth:`slope` and :meth:`curve` need."""
        ...

    def slope(self, data: tuple[Array, ...], d: Array, t: Array) -> tuple[Array, Array]:
        """Slope against d, (P, R), and against t, (P, R) or empty."""
        ...

    def curve(self, data: tuple[Array, ...], d: Array, t: Array) -> Curve:
        """Slope and expected curvature."""
        ...


_NONE = np.empty(0)


def _logistic(d: Array) -> Array:
    """1/(1+exp(-d)) with one array only; differences far beyond any real rating are cut off."""
    out: Array = np.clip(d, -60, 60)
    np.negative(out, out=out)
    np.exp(out, out=out)
    out += 1
    np.reciprocal(out, out=out)
    return out


class Half:
    """Bradley–Terry (1952); a tie is half a win for both."""

    parameters = 0

    def prepare(self, won: Array, tied: Array, lost: Array) -> tuple[Array, ...]:
        """Battles and score of a."""
        return won + tied + lost, won + tied / 2

    def slope(self, data: tuple[Array, ...], d: Array, t: Array) -> tuple[Array, Array]:
        """Score less its expectation."""
        battles, score = data
        expected = _logistic(d)
        expected *= battles
        return np.subtract(score, expected, out=expected), _NONE

    def curve(self, data: tuple[Array, ...], d: Array, t: Array) -> Curve:
        """See :class:`Link`."""
        battles, score = data
        p = _logistic(d)
        return Curve(score - battles * p, battles * p * (1 - p), _NONE, _NONE, _NONE)


class Davidson:
    """Davidson (1970): odds of a win, tie, loss are e^(d/2) : e^t : e^(-d/2)."""

    parameters = 1

    def prepare(self, won: Array, tied: Array, lost: Array) -> tuple[Array, ...]:
        """Battles, score of a, ties."""
        return won + tied + lost, won + tied / 2, tied

    def _chances(self, d: Array, t: Array) -> tuple[Array, Array]:
        half = np.clip(d / 2, -60, 60)
        win, loss, tie = np.exp(half), np.exp(-half), np.exp(t)
        total = win + loss + tie
        return win / total, tie / total

    def slope(self, data: tuple[Array, ...], d: Array, t: Array) -> tuple[Array, Array]:
        """See :class:`Link`."""
        battles, score, tied = data
        win, tie = self._chances(d, t)
        return score - battles * (win + tie / 2), tied - battles * tie

    def curve(self, data: tuple[Array, ...], d: Array, t: Array) -> Curve:
        """See :class:`Link`."""
        battles, score, tied = data
        win, tie = self._chances(d, t)
        mean = win + tie / 2
        return Curve(
            d=score - battles * mean,
            dd=battles * (win + tie / 4 - mean * mean),
            t=tied - battles * tie,
            dt=battles * tie * (0.5 - mean),
            tt=battles * tie * (1 - tie),
        )


class RaoKupper:
    """Rao and Kupper (1967): a wins if it is better by more than a threshold c = e^t, else it is a tie."""

    parameters = 1

    def prepare(self, won: Array, tied: Array, lost: Array) -> tuple[Array, ...]:
        """Wins or ties of a, of b, and ties."""
        return won + tied, lost + tied, tied

    def slope(self, data: tuple[Array, ...], d: Array, t: Array) -> tuple[Array, Array]:
        """See :class:`Link`."""
        first, second, tied = data
        c = np.exp(np.clip(t, -15, 3))
        a, b = _logistic(d - c), _logistic(-d - c)
        slope_c = -first * (1 - a) - second * (1 - b) + tied * (2 / -np.expm1(-2 * c))
        return first * (1 - a) - second * (1 - b), slope_c * c

    def curve(self, data: tuple[Array, ...], d: Array, t: Array) -> Curve:
        """See :class:`Link`."""
        first, second, tied = data
        battles = first + second - tied
        c = np.exp(np.clip(t, -15, 3))
        a, b = _logistic(d - c), _logistic(-d - c)
        tie = 1 - a - b
        slope_d, slope_t = self.slope(data, d, t)
        # Slopes of the three log chances against d and c; their expected products are the Fisher information.
        share = 2 / -np.expm1(-2 * c)
        win_d, win_c = 1 - a, a - 1
        loss_d, loss_c = b - 1, b - 1
        tie_d, tie_c = (1 - a) - (1 - b), share - (1 - a) - (1 - b)
        return Curve(
            d=slope_d,
            dd=battles * (a * win_d**2 + b * loss_d**2 + tie * tie_d**2),
            t=slope_t,
            dt=battles * (a * win_d * win_c + b * loss_d * loss_c + tie * tie_d * tie_c) * c,
            tt=battles * (a * win_c**2 + b * loss_c**2 + tie * tie_c**2) * c * c,
        )


LINKS: dict[Ties, Link] = {"half": Half(), "davidson": Davidson(), "rao-kupper": RaoKupper()}

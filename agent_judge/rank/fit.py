"""The Bradley–Terry family: one fit, or a whole batch of bootstrap rounds at once.

Parameters are columns of an array ``(D, R)``, one per round: the strengths of
the M models, K covariate effects, log discriminations of the J judges, the tie
parameter. A cell's expected difference is

    d = discrimination[judge] * (strength[a] - strength[b]) + x · effects

The prior, stated in the leaderboard's documentation: every model drew
``PRIOR_BATTLES`` battle against an imaginary model of average strength, which
keeps a model that won everything finite; effects and log discriminations are
normal around zero with standard deviation ``PRIOR_DEVIATION``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.linalg
import scipy.sparse as sp

from agent_judge.rank.cells import Cells
from agent_judge.rank.links import Array, Curve, Link
from agent_judge.rank.table import Floats

PRIOR_BATTLES = 1.0
PRIOR_DEVIATION = 2.0
LARGEST_DENSE = 2500
"""Up to so many parameters the information matrix is held densely, beyond it conjugate gradients are used."""
_LONGEST_STEP = 2.0
_NEWTON_STEPS = 60
_CHORD_STEPS = 8
_SETTLED = 5e-6
"""Greatest error of a bootstrap round: 0.001 Elo."""


@dataclass(frozen=True)
class Likelihood:
    """What is fitted: the design of the cells and the tie model."""

    cells: Cells
    models: int
    link: Link
    judges: int = 0
    """How many judges have a discrimination of their own; cells of others have 1."""

    @property
    def effects(self) -> int:
        """How many covariates there are."""
        return int(self.cells.x.shape[1])

    @property
    def size(self) -> int:
        """D, how many parameters there are."""
        return self.models + self.effects + self.judges + self.link.parameters

    @cached_property
    def _sum_by_model(self) -> sp.csr_array:
        """(M, P): +1 where the model is the cell's first, -1 where it is the second."""
        number = np.arange(len(self.cells))
        rows = np.r_[self.cells.a, self.cells.b]
        signs = np.r_[np.ones(len(number)), -np.ones(len(number))]
        return sp.coo_array((signs, (rows, np.r_[number, number])), (self.models, len(number))).tocsr()

    @cached_property
    def _sums(self) -> dict[np.dtype[np.generic], sp.csr_array]:
        double = self._sum_by_model
        return {np.dtype(np.float64): double, np.dtype(np.float32): double.astype(np.float32)}

    @cached_property
    def _sum_by_judge(self) -> sp.csr_array:
        """(J, P)."""
        judge = self.cells.judge
        assert judge is not None
        cells = np.flatnonzero(judge < self.judges)
        return sp.coo_array((np.ones(len(cells)), (judge[cells], cells)), (self.judges, len(judge))).tocsr()

    def split(self, parameters: Array) -> tuple[Array, Array, Array, Array]:
        """Strengths, effects, log discriminations, tie parameter."""
        cuts = np.cumsum([self.models, self.effects, self.judges])
        strength, effect, judge, tie = np.split(parameters, cuts)
        return strength, effect, judge, tie[0] if len(tie) else tie

    def _gain(self, judge: Array) -> Array:
        """(P, R) discrimination of each cell's judge."""
        assert self.cells.judge is not None
        known = np.concatenate([np.exp(judge), np.ones((1, judge.shape[1]), judge.dtype)])
        return known[np.minimum(self.cells.judge, self.judges)]

    def difference(self, parameters: Array) -> Array:
        """(P, R) expected difference of each cell."""
        strength, effect, judge, _ = self.split(parameters)
        d: Array = strength[self.cells.a]
        d -= strength[self.cells.b]
        if self.judges:
            d *= self._gain(judge)
        if self.effects:
            d += self.cells.x.astype(d.dtype, copy=False) @ effect
        return d

    def gather(self, parameters: Array, slope_d: Array, slope_t: Array) -> Array:
        """(D, R): slopes of cells turned into slopes of parameters (the Jacobian transposed)."""
        _, _, judge, _ = self.split(parameters)
        parts = []
        weighted = slope_d
        if self.judges:
            weighted = slope_d * self._gain(judge)
        parts.append(self._sums[weighted.dtype] @ weighted)
        if self.effects:
            parts.append(self.cells.x.T.astype(slope_d.dtype, copy=False) @ slope_d)
        if self.judges:
            parts.append(self._sum_by_judge @ (weighted * self._spread(parameters)))
        if self.link.parameters:
            parts.append(slope_t.sum(axis=0, keepdims=True))
        return np.concatenate(parts) if len(parts) > 1 else parts[0]

    def _spread(self, parameters: Array) -> Array:
        spread: Array = parameters[self.cells.a] - parameters[self.cells.b]
        return spread

    def push(self, parameters: Array, direction: Array) -> tuple[Array, Array]:
        """Change of each cell's d (P, R), and of the tie parameter (R,), along a direction (the Jacobian)."""
        strength, effect, judge, tie = self.split(direction)
        d: Array = strength[self.cells.a] - strength[self.cells.b]
        if self.judges:
            _, _, own, _ = self.split(parameters)
            padded = np.concatenate([judge, np.zeros((1, judge.shape[1]), judge.dtype)])
            change = padded[np.minimum(np.asarray(self.cells.judge), self.judges)]
            d = self._gain(own) * (d + change * self._spread(parameters))
        if self.effects:
            d += self.cells.x.astype(d.dtype, copy=False) @ effect
        return d, tie

    def prior_slope(self, parameters: Array) -> Array:
        """(D, R)."""
        out = parameters / -(PRIOR_DEVIATION**2)
        strength = parameters[: self.models]
        out[: self.models] = PRIOR_BATTLES * (0.5 - 1 / (1 + np.exp(-np.clip(strength, -60, 60))))
        return out

    def prior_curve(self, parameters: Array) -> Array:
        """(D, R) diagonal."""
        out = np.full_like(parameters, 1 / PRIOR_DEVIATION**2)
        p = 1 / (1 + np.exp(-np.clip(parameters[: self.models], -60, 60)))
        out[: self.models] = PRIOR_BATTLES * p * (1 - p)
        return out

    def jacobian(self, parameters: Array) -> sp.csr_array:
        """(P, D - tie) at one point, (D, 1)."""
        number = np.arange(len(self.cells))
        gain = self._gain(self.split(parameters)[2])[:, 0] if self.judges else np.ones(len(number))
        blocks: list[sp.csr_array] = [sp.csr_array(self._sum_by_model.T.multiply(gain[:, None]))]
        if self.effects:
            blocks.append(sp.csr_array(self.cells.x))
        if self.judges:
            spread = (gain * self._spread(parameters)[:, 0])[:, None]
            blocks.append(sp.csr_array(self._sum_by_judge.T.multiply(spread)))
        return sp.csr_array(sp.hstack(blocks))

    def information(self, parameters: Array, curve: Curve) -> Floats:
        """(D, D) expected information, prior included, at one point (D, 1)."""
        jacobian = self.jacobian(parameters)
        linear = jacobian.shape[1]
        out: Floats = np.zeros((self.size, self.size))
        out[:linear, :linear] = (jacobian.T @ jacobian.multiply(curve.dd)).toarray()
        if self.link.parameters:
            out[:linear, linear] = out[linear, :linear] = jacobian.T @ curve.dt[:, 0]
            out[linear, linear] = curve.tt.sum()
        out[np.diag_indices(self.size)] += self.prior_curve(parameters)[:, 0]
        return out


def slope(likelihood: Likelihood, data: tuple[Array, ...], parameters: Array) -> Array:
    """(D, R) slope of the penalised log-likelihood."""
    tie = likelihood.split(parameters)[3]
    slope_d, slope_t = likelihood.link.slope(data, likelihood.difference(parameters), tie)
    return likelihood.gather(parameters, slope_d, slope_t) + likelihood.prior_slope(parameters)


def fit(likelihood: Likelihood, start: Floats | None = None) -> Floats:
    """The most likely parameters (D,), by Newton's method (Fisher scoring)."""
    counts = likelihood.cells.counts
    parameters = np.zeros((likelihood.size, 1)) if start is None else start[:, None].astype(np.float64)
    data = likelihood.link.prepare(counts[0][:, None], counts[1][:, None], counts[2][:, None])
    if likelihood.size > LARGEST_DENSE:
        return newton(likelihood, data, parameters, 1e-10)[:, 0]
    for _ in range(_NEWTON_STEPS):
        curve = likelihood.link.curve(data, likelihood.difference(parameters), likelihood.split(parameters)[3])
        gradient = likelihood.gather(parameters, curve.d, curve.t) + likelihood.prior_slope(parameters)
        factor = scipy.linalg.cho_factor(likelihood.information(parameters, curve), check_finite=False)
        step = _bounded(scipy.linalg.cho_solve(factor, gradient, check_finite=False))
        parameters = parameters + step
        if np.abs(step).max(initial=0) < 1e-9:
            break
    return parameters[:, 0]


def covariance(likelihood: Likelihood, parameters: Floats) -> Floats:
    """(D, D) inverse of the information at the fit."""
    counts, point = likelihood.cells.counts, parameters[:, None]
    data = likelihood.link.prepare(counts[0][:, None], counts[1][:, None], counts[2][:, None])
    curve = likelihood.link.curve(data, likelihood.difference(point), likelihood.split(point)[3])
    factor = scipy.linalg.cho_factor(likelihood.information(point, curve), check_finite=False)
    inverse: Floats = scipy.linalg.cho_solve(factor, np.eye(likelihood.size), check_finite=False)
    return inverse


def fit_rounds(likelihood: Likelihood, counts: Array, point: Floats, inverse: Floats | None) -> Array:
    """Fits R rounds at once, starting from the fit to all battles.

    The information at that point serves all rounds (the chord method: one
    product per iteration instead of one factorisation per round); rounds that
    differ too much from it for that go on by Newton's method.

    Args:
        likelihood: What is fitted.
        counts: (3, P, R) counts of the cells in each round.
        point: (D,) fit to all battles.
        inverse: (D, D) of :func:`covariance`; None where it is too large to hold.

    Returns:
        (D, R) in the precision of ``counts``.
    """
    data = likelihood.link.prepare(counts[0], counts[1], counts[2])
    start = np.repeat(point[:, None].astype(counts.dtype), counts.shape[2], axis=1)
    if inverse is None:
        return newton(likelihood, data, start, 1e-5)
    parameters, left = _chord(likelihood, data, start.copy(), inverse.astype(counts.dtype))
    if len(left):
        rest = tuple(part[:, left].astype(np.float64) for part in data)
        parameters[:, left] = newton(likelihood, rest, start[:, left].astype(np.float64), 1e-7)
    return parameters


def _chord(
    likelihood: Likelihood, data: tuple[Array, ...], parameters: Array, inverse: Array
) -> tuple[Array, npt.NDArray[np.intp]]:
    """Iterates with a fixed inverse; also tells which rounds did not settle."""
    error = last = np.full(parameters.shape[1], np.inf)
    for _ in range(_CHORD_STEPS):
        step = _bounded(inverse @ slope(likelihood, data, parameters))
        parameters += step
        moved = np.abs(step).max(axis=0, initial=0)
        error = moved * np.minimum(moved / last, 1)  # what is left after a step that shrank by this factor
        if (error < _SETTLED).all():
            break
        last = np.maximum(moved, np.finfo(parameters.dtype).tiny)
    return parameters, np.flatnonzero(error >= _SETTLED)


def newton(likelihood: Likelihood, data: tuple[Array, ...], parameters: Array, tolerance: float) -> Array:
    """Newton's method on every round at once; its equations are solved by conjugate gradients, without matrices."""
    parameters = parameters.copy()
    for _ in range(_NEWTON_STEPS):
        tie = likelihood.split(parameters)[3]
        curve = likelihood.link.curve(data, likelihood.difference(parameters), tie)
        gradient = likelihood.gather(parameters, curve.d, curve.t) + likelihood.prior_slope(parameters)
        step = _bounded(_conjugate_gradients(likelihood, parameters, curve, gradient))
        parameters += step
        if np.abs(step).max(initial=0) < tolerance:
            break
    return parameters


def _conjugate_gradients(likelihood: Likelihood, parameters: Array, curve: Curve, right: Array) -> Array:
    prior = likelihood.prior_curve(parameters)
    scale = 1 / _diagonal(likelihood, parameters, curve, prior)
    solution = np.zeros_like(right)
    residual = right.copy()
    direction = scale * residual
    size = np.einsum("dr,dr->r", residual, direction)
    goal = 1e-10 * size + np.finfo(right.dtype).tiny
    for _ in range(min(10 * len(right), 500)):
        product = _times(likelihood, parameters, curve, prior, direction)
        length = size / np.maximum(np.einsum("dr,dr->r", direction, product), np.finfo(right.dtype).tiny)
        length[size <= goal] = 0
        solution += length * direction
        residual -= length * product
        scaled = scale * residual
        new = np.einsum("dr,dr->r", residual, scaled)
        if (new <= goal).all():
            break
        direction = scaled + np.where(size > goal, new / np.maximum(size, np.finfo(right.dtype).tiny), 0) * direction
        size = new
    return solution


def _times(likelihood: Likelihood, parameters: Array, curve: Curve, prior: Array, direction: Array) -> Array:
    d, t = likelihood.push(parameters, direction)
    along_d, along_t = curve.dd * d, curve.t
    if likelihood.link.parameters:
        along_d, along_t = along_d + curve.dt * t, curve.dt * d + curve.tt * t
    out: Array = likelihood.gather(parameters, along_d, along_t) + prior * direction
    return out


def _diagonal(likelihood: Likelihood, parameters: Array, curve: Curve, prior: Array) -> Array:
    """Of the information, for the conjugate gradients; judges and effects need no exact one."""
    out = prior.copy()
    out[: likelihood.models] += abs(likelihood._sum_by_model) @ curve.dd
    if likelihood.effects:
        rows = slice(likelihood.models, likelihood.models + likelihood.effects)
        out[rows] += (likelihood.cells.x**2).T @ curve.dd
    if likelihood.judges:
        first = likelihood.models + likelihood.effects
        spread = likelihood._spread(parameters) ** 2
        out[first : first + likelihood.judges] += likelihood._sum_by_judge @ (curve.dd * spread)
    if likelihood.link.parameters:
        out[-1] += curve.tt.sum(axis=0)
    return out


def _bounded(step: Array) -> Array:
    """Shortens steps that lead out of where the likelihood is nearly quadratic."""
    longest = np.abs(step).max(axis=0, initial=0)
    shortened: Array = step * np.minimum(1, _LONGEST_STEP / np.maximum(longest, _LONGEST_STEP)).astype(step.dtype)
    return shortened

"""Which models can be compared at all: groups joined by battles."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from agent_judge.rank.table import BattleTable


def split_groups(table: BattleTable) -> list[BattleTable]:
    """The battles of each group of models that met, directly or through others; the largest group first.

    Between groups nothing can be said, so each is ranked by itself. Equally
    large groups stand in the order of their battles, then of their names.
    """
    n = len(table.models)
    graph = sp.coo_array((np.ones(len(table), np.int8), (table.a, table.b)), (n, n))
    count, group = connected_components(graph, directed=False)
    if count <= 1:
        return [table]
    parts = [table.take(np.flatnonzero(group[table.a] == g)) for g in range(count)]
    return sorted(parts, key=lambda part: (-len(part.models), -len(part), part.models))

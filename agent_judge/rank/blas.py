"""Keeps linear algebra on one thread where its matrices are small.

Many small products gain nothing from the library's own threads, and lose much
where other programs use the cores: its threads wait for each other, spinning.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[object]:
    """Limits linear algebra to one thread while the context lasts."""
    limited: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limited

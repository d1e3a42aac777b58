"""Datasets of votes on the Hugging Face hub: fetched once, then read from its client's cache."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

from agent_judge.errors import BadInput, MissingRequirement

PREFIX = "hf://datasets/"
PATIENCE = 10.0
"""Seconds that the hub has to answer."""
_WANTED = ("*.jsonl", "*.parquet")


def fetch_dataset(address: str) -> Path:
    """Fetches the tables of a dataset.

    Args:
        address: ``hf://datasets/OWNER/NAME``, or a file or folder in it: ``hf://datasets/OWNER/NAME/data/votes.parquet``.

    Returns:
        The file or folder on this machine. Where the hub does not answer, what was fetched earlier.

    Raises:
        BadInput: The address is none, or the hub has no such dataset, or not for us.
        MissingRequirement: The hub's client is not installed, or the hub does not answer and nothing was fetched yet.
    """
    try:
        import huggingface_hub
        import huggingface_hub.errors
    except ImportError as error:
        raise MissingRequirement(
            "reading from the Hugging Face hub needs its client: pip install huggingface_hub"
        ) from error
    repository, inside = _parts(address)
    wanted = [inside, *(f"{inside}/{ending}" for ending in _WANTED)] if inside else list(_WANTED)
    names, absent = _listing(address, repository)
    if not absent and not any(fnmatch(name, pattern) for name in names for pattern in wanted):
        raise BadInput(f"{address}: the dataset has no {inside or '.jsonl or .parquet file'}")
    try:
        folder = huggingface_hub.snapshot_download(
            repository, repo_type="dataset", allow_patterns=wanted, etag_timeout=PATIENCE,
            local_files_only=bool(absent),
        )  # fmt: skip
    except huggingface_hub.errors.LocalEntryNotFoundError as error:
        why = absent or str(error).splitlines()[0]
        raise MissingRequirement(f"{address}: {why}; fetch it elsewhere and give the folder") from error
    return Path(folder, inside)


def _parts(address: str) -> tuple[str, str]:
    """The dataset's name, and the path in it."""
    owner, _, rest = address.removeprefix(PREFIX).partition("/")
    name, _, inside = rest.partition("/")
    if not owner or not name:
        raise BadInput(f"{address}: names no dataset; write {PREFIX}OWNER/NAME")
    return f"{owner}/{name}", inside.strip("/")


def _listing(address: str, repository: str) -> tuple[tuple[str, ...], str]:
    """The dataset's files; or why the hub cannot be asked now: its client would try again and again, for minutes."""
    import httpx2
    import huggingface_hub
    import huggingface_hub.errors

    try:
        info = huggingface_hub.HfApi().dataset_info(repository, timeout=PATIENCE)
    except huggingface_hub.errors.HFValidationError as error:
        raise BadInput(f"{address}: {str(error).splitlines()[0]}") from error
    except huggingface_hub.errors.HfHubHTTPError as error:
        if error.response.status_code in (401, 403, 404):
            raise BadInput(f"{address}: the hub has no such dataset, or it is not public") from error
        return (), f"the hub answers HTTP {error.response.status_code}"
    except httpx2.TimeoutException:
        return (), f"the hub does not answer within {PATIENCE:g} s"
    except httpx2.TransportError as error:
        return (), f"the hub cannot be reached ({error})"
    return tuple(sibling.rfilename for sibling in info.siblings or ()), ""

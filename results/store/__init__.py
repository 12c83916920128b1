"""The results file: its tables, what goes in, what is read page by page, whether it is whole."""

from results.store.file import default_path
from results.store.store import Added, Store

__all__ = ["Added", "Store", "default_path"]

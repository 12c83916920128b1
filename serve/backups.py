"""The daemon's daily copy of the results file."""

import asyncio
import logging
from pathlib import Path

from base.errors import StoreError
from results.copies import backup
from results.store import Store

_LOG = logging.getLogger(__name__)
_LOOK = 600.0


class Backups:
    """Copies the results file into a folder once a day, where something was found since."""

    def __init__(self, store: Store, folder: Path | None = None) -> None:
        self.problem = ""
        self._store = store
        self._folder = folder or backup.default_folder()

    async def run(self) -> None:
        """Go on until cancelled; a copy that cannot be made is told, and tried again."""
        while True:
            try:
                await asyncio.to_thread(self._look)
                self.problem = ""
            except StoreError as error:
                if self.problem != str(error):
                    _LOG.warning("%s", error)
                self.problem = str(error)
            await asyncio.sleep(_LOOK)

    def _look(self) -> None:
        anything = self._store.kept() or any(self._store.other_findings())
        if anything and backup.due(self._store.path, self._folder):
            copy = backup.back_up(self._store.path, self._folder)
            _LOG.info("The results are copied to %s", copy)

"""The image that jobs run from, and each node's part in its rollout; read again and again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from base.errors import EngineError
from tui.console.actions import Need
from tui.console.panes.images import ImagesPane
from tui.console.panes.page import PagePane
from tui.console.render import image_page
from tui.console.render.spans import Line
from tui.console.screens.pane_screen import PaneScreen
from tui.console.terminal.workers import begin

if TYPE_CHECKING:
    from swarm.docker.rollout.progress import NodeImage
    from swarm.docker.rollout.rollouts import Status

LOOK_SECONDS = 2.0
_BORDER = 2


class ImagesScreen(PaneScreen):
    """What is followed above, the nodes below. `read` tells how it stands; raises EngineError.

    `loading`: what is loaded from here and how far it is, '' for nothing; how far nodes are.
    """

    kind = "images-screen"
    wide_from = (0, 0)

    def __init__(
        self,
        read: "Callable[[], Awaitable[Status]]",
        loading: Callable[[], tuple[str, Mapping[str, str]]],
    ) -> None:
        self.image = PagePane("image", "Image", image_page.NOT_ASKED)
        self.images = ImagesPane()
        super().__init__([self.image, self.images])
        self.chosen = self.images
        self.status: Status | None = None
        """As it was told last; None on no swarm, and before."""
        self._read = read
        self._loading = loading
        self._problem = ""

    @property
    def followed(self) -> str:
        """The name that the swarm follows, '' for none."""
        return self.status.rollout.follow if self.status else ""

    def on_mount(self) -> None:
        """Read it, again and again."""
        super().on_mount()
        begin(self, self._follow, "images")

    def fixed_heights(self) -> Mapping[str, int]:
        """As many lines as the image takes, but not more than half of the screen."""
        return {"image": min(self.image.count() + _BORDER, max(3, self.size.height // 2))}

    def needs_met(self) -> set[Need]:
        """Whether there is a swarm, what it follows, and what is loaded."""
        here = {
            Need.SWARM: self.context.model.on_swarm,
            Need.FOLLOWED: bool(self.followed),
            Need.ROLLED_OUT: self.status is not None and not self.status.rollout.empty,
            Need.LOADING: bool(self._loading()[0]),
        }
        return super().needs_met() | {need for need, met in here.items() if met}

    async def _follow(self) -> None:
        while True:
            if self.context.model.on_swarm:
                await self._look()
            elif self.context.model.snapshot is not None:
                self.status = None
            self.show_snapshot()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        self._problem = ""
        try:
            self.status = await self._read()
        except EngineError as error:
            self._problem = str(error)

    def show_snapshot(self) -> None:
        """How it stands, and how far a load is."""
        if self.context.model.on_swarm:
            self._show_swarm()
        elif self.context.model.snapshot is not None:
            self._show(image_page.SOLVER_HERE, (), image_page.NO_SWARM)
        self.fit_panes()
        self.show_footer()

    def _show_swarm(self) -> None:
        loading, pulled = self._loading()
        about = image_page.image_page(self.status, self._problem, loading)
        self.images.show_pulled(pulled)
        if self.status is None:
            self._show(about or image_page.NOT_ASKED, (), ())
        elif not self.status.rollout.empty:
            from swarm.docker.rollout.progress import node_images

            self._show(about, node_images(self.status), image_page.NOT_ROLLED_OUT)
        else:
            self._show(about, (), image_page.NOT_FOLLOWED)

    def _show(
        self, about: Sequence[Line], nodes: "Sequence[NodeImage]", nothing: Sequence[Line]
    ) -> None:
        self.image.show(about)
        self.images.nothing = nothing
        self.images.show(nodes)

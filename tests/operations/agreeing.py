"""A front end for tests: somebody who says yes to everything."""

from operations.operation import Caution, Operation, Step


class AgreeingUser:
    """Says yes; `steps` are those that were shown."""

    who = "euler"

    def __init__(self) -> None:
        self.steps: list[Step] = []

    async def confirm(self, _caution: Caution) -> bool:
        return True

    def show(self, _operation: Operation[object], step: Step) -> None:
        self.steps.append(step)

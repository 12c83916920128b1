"""Cards: the boot partition of one, filled for its Pi's first boot."""

import asyncio

from operations.kinds import Kind
from operations.operation import Caution, Done, Operation, Step, Tell
from provision.card.partition import BootPartition
from provision.card.settings import CardSettings
from provision.card.systems import files_for, system_of


def write(partition: BootPartition, settings: CardSettings) -> Operation[str]:
    """Fill a boot partition; gives the host name. Raises CardError where it is none."""
    texts = partition.texts()
    system = system_of(partition.names(), texts)
    files = files_for(system, settings, texts)
    wifi = f", joins the Wi-Fi {settings.wifi.name!r}" if settings.wifi else ", is on a cable"
    caution = Caution(
        f"Write {', '.join(files)} to {partition.what}?",
        f"It holds {system}. The Pi will be called {settings.hostname}{wifi}, and let squarm's key "
        f"in as {settings.user}, with sudo and without a password. What stands in those files now "
        "is replaced; nothing else is touched.",
        agree="Write",
        decline="Leave it",
    )

    async def work(tell: Tell) -> Done[str]:
        tell(Step("writing"))
        await asyncio.to_thread(partition.write, files)
        return Done(f"{partition.what} is ready for {settings.hostname}.", settings.hostname)

    target = f"{settings.hostname} on {partition.what}"
    return Operation(kind=Kind.WRITE_CARD, target=target, caution=caution, keep=None, work=work)

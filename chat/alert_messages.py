"""An alert of the audit log as a message: one, whichever squarm of a machine posts it."""

from base.audit import AuditEntry
from base.text import clean_text
from chat.message import Paragraph
from chat.outbox.outbox import Outbox
from chat.settings import Settings


def put_alert(outbox: Outbox, settings: Settings, entry: AuditEntry) -> None:
    """Let it wait for the channel of alerts, where there is one; raises ChatError."""
    if settings.alerts:
        message = (Paragraph(clean_text(entry.said, 600)),)
        outbox.put(settings.alerts, message, key=f"{entry.what}:{entry.at}:{entry.target}")

"""What `squarm node` understands."""

from tui.command.provision_arguments import add_login
from tui.command.verbs import AddVerb, subverbs

_DEEDS = {
    "drain": "move a node's tasks away, and give it no more",
    "activate": "give a node tasks again",
    "remove": "drain a node, have it leave the swarm, forget it; a dead one, too",
    "promote": "make a worker a manager",
    "demote": "make a manager a worker",
    "upgrade": "bring a node's packages up to date, once its tasks have moved",
    "reboot": "restart a node's machine",
}
_ON_THE_MACHINE = ("remove", "upgrade", "reboot")
_ASKED_ABOUT = ("drain", "demote", *_ON_THE_MACHINE)


def add_node(verb: AddVerb) -> None:
    """Define the verb and its deeds."""
    does = subverbs(verb("node", "change a node of the swarm"), "deed", "what to do to a node")
    for name, text in _DEEDS.items():
        deed = does(name, text)
        many = name == "upgrade"
        deed.add_argument("node", nargs="+" if many else None, help="its name or id")
        if name in _ASKED_ABOUT:
            deed.add_argument("--yes", action="store_true", help="do not ask")
        if name in _ON_THE_MACHINE:
            add_login(deed)
        deed.set_defaults(changes="it changes the swarm")

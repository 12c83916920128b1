"""What every refusal of this room is."""


class ProvisionError(Exception):
    """Something that could not be done with a machine: one sentence, with the way out."""

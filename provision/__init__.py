"""From a box with power to a node: discovery, SSH, host keys and live metrics of Pis."""

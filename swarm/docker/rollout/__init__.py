"""How a new image of the solver reaches the nodes: tested on each, then what new jobs run from."""

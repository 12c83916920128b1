"""Jobs as services of a Docker Swarm."""

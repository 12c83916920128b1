"""`make bench`: the solver, squares by construction, the console, the fleet, the Slack bot."""

from benchmarks import console, constructions, fleet, slack, solver

solver.main()
print()
constructions.main()
print()
console.main()
print()
fleet.main()
print()
slack.main()

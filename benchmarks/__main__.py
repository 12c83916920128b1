"""`make bench`: the solver, squares by construction, the console, then the Slack bot."""

from benchmarks import console, constructions, slack, solver

solver.main()
print()
constructions.main()
print()
console.main()
print()
slack.main()

"""`make bench`: the solver, the console, then the Slack bot."""

from benchmarks import console, slack, solver

solver.main()
print()
console.main()
print()
slack.main()

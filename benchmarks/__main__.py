"""`make bench`: the solver (here and on arm/v7), records, starts, the console, fleet, bot, Pis."""

from benchmarks import arm, console, constructions, fleet, provision, records, slack, solver, start

solver.main()
print()
arm.main()
print()
records.main()
print()
constructions.main()
print()
start.main()
print()
console.main()
print()
fleet.main()
print()
slack.main()
print()
provision.main()

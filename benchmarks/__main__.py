"""`make bench`: solver (here and on arm/v7), records, constructions, console, fleet, bot, Pis."""

from benchmarks import arm, console, constructions, fleet, provision, records, slack, solver

solver.main()
print()
arm.main()
print()
records.main()
print()
constructions.main()
print()
console.main()
print()
fleet.main()
print()
slack.main()
print()
provision.main()

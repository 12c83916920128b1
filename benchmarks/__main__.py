"""`make bench`: solver (here and on arm/v7), records, store, starts, console, fleet, bot, Pis."""

from benchmarks import (
    arm,
    console,
    constructions,
    fleet,
    provision,
    records,
    slack,
    solver,
    start,
    store,
)

solver.main()
print()
arm.main()
print()
records.main()
print()
store.main()
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

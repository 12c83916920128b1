"""`make bench`: solver (arm too), records, store, hunt, starts, watching, console, Pis, image."""

from benchmarks import (
    arm,
    console,
    constructions,
    fleet,
    hunt,
    images,
    keys,
    provision,
    records,
    slack,
    solver,
    start,
    store,
    watching,
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
hunt.main(5, 1)
print()
start.main()
print()
watching.main()
print()
console.main()
print()
fleet.main()
print()
keys.main()
print()
slack.main()
print()
provision.main()
print()
images.main()

"""`make bench`: solver (arm too), records, ODLS, store, hunt, starts, watching, console, image."""

from benchmarks import (
    arm,
    console,
    constructions,
    diagonal,
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
diagonal.main()
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

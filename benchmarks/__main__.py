"""`make bench`: the solver, what its records cost, constructions, the console, the fleet."""

from benchmarks import console, constructions, fleet, records, solver

solver.main()
print()
records.main()
print()
constructions.main()
print()
console.main()
print()
fleet.main()

"""`make bench`: the solver, squares by construction, the console, then the fleet."""

from benchmarks import console, constructions, fleet, solver

solver.main()
print()
constructions.main()
print()
console.main()
print()
fleet.main()

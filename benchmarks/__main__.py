"""`make bench`: the solver, then the console, then the fleet."""

from benchmarks import console, fleet, solver

solver.main()
print()
console.main()
print()
fleet.main()

"""`make bench`: the solver, what its records cost, then the console."""

from benchmarks import console, records, solver

solver.main()
print()
records.main()
print()
console.main()

"""`make bench`: the solver, then the console."""

from benchmarks import console, solver

solver.main()
print()
console.main()

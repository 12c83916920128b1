"""`make bench`: the solver, squares by construction, then the console."""

from benchmarks import console, constructions, solver

solver.main()
print()
constructions.main()
print()
console.main()

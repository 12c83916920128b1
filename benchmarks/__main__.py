"""`make bench`: the solver, constructions, what records cost, then the console."""

from benchmarks import console, constructions, records, solver

solver.main()
print()
constructions.main()
print()
records.main()
print()
console.main()

"""`make bench`: solver, records, constructions, console, fleet, Slack bot, provisioning."""

from benchmarks import console, constructions, fleet, provision, records, slack, solver

solver.main()
print()
records.main()
print()
constructions.main()
print()
console.main()
print()
fleet.main()
print()
slack.main()
print()
provision.main()

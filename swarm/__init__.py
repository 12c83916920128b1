"""The running cluster and what it yields: engines, jobs, log following, the results store."""

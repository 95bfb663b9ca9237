"""Event sourcing on PostgreSQL: a dense ledger, group commit, sealed fields, projections. No word of scrutiny."""

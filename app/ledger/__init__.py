"""Event sourcing on PostgreSQL: one dense ledger, group commit, sealed fields, projections. It knows no word of scrutiny."""

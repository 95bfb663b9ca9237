"""Scrutiny Ledger: the record of the scrutiny of social work, kept as a ledger of events."""

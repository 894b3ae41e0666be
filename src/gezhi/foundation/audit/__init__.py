"""The one write helper, the audit trail it keeps, and the catalogue of errors."""

"""What makes work at a desk easier: saved filters of lists, phrases for forms, the shift's handover notes."""

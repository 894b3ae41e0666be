"""The shapes of what is sent and answered, one module for each subject."""

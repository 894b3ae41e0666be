"""The operations, one module for each subject: parse, one domain call, answer."""

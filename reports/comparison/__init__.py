"""The command that compares methods on instances: what it runs, prints and writes."""

"""Many methods on many instances: the store of results, the tasks, a cluster of workers."""

"""Cyclic and path exchanges: users move along a chain of servers, at whose ends batches may change."""

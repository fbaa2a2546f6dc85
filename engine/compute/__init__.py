"""Devices, precision and memory: what every task that computes shares."""

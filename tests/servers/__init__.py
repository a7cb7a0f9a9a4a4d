"""Real servers on loopback for the tests, the demo and the benchmarks: started in a context, stopped at its end."""

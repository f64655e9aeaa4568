"""Example apps, each a folder with its stacks and the code that they run."""

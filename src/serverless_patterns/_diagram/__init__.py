"""Pictures of stacks: what stands in their templates, and what it leads to."""

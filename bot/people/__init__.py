"""Who are they? People, their addresses on channels, workspaces, roles, keys, and what they may have erased."""

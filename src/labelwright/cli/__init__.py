"""What people type: `labelwright COMMAND`. One module per command in `commands/`, loaded only when it is named."""

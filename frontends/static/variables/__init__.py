"""Variables: state that sessions keep, made directly or shared by name."""

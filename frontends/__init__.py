"""diptych."""

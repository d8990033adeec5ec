"""One adapter a model, in flow order. Each imports its library when it is built, never when it is
imported."""

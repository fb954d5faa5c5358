// A precompiled header belongs to a source; this one is its owner.

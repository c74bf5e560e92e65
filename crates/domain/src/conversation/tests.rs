//! Properties of the conversation (invariants 2, 4 and 6).

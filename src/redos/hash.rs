//! Hash maps for small numeric keys, hashed without secrets: the same keys give the same work on
//! every run.

use std::collections::HashMap;

use foldhash::fast::FixedState;

/// A map that is only ever asked by key.
pub(super) type Map<K, V> = HashMap<K, V, FixedState>;

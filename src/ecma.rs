//! ECMAScript patterns without the `u` flag, with the `i` flag, as the platform's runtime reads
//! them. Owns the syntax tree with spans, character sets over UTF-16 code units and case folding.

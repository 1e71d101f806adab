//! [`Ast`](super::Ast) → text.

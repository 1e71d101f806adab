//! Names, roles, shapes, supports, parameters: [`Ast`](crate::syntax::Ast) → [`Model`].

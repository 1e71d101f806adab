//! The precedence ladder, shared by the parser and the printers.

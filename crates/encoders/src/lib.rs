//! Sentence encoders that were trained elsewhere: reading and running those of a folder, and keeping what any of them has given.
//! Downloads nothing, and knows no needs.

pub mod bert;
pub mod folder;
pub mod kept;
pub mod onnx;

//! Sentence encoders that were trained elsewhere and lie in a folder. Owns reading and running them; downloads nothing, and knows no
//! needs.

pub mod onnx;

//! Small dense symmetric matrices, as regressions need them.

/// Square and symmetric, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    size: usize,
    cells: Vec<f64>,
}

/// No inverse: `column` depends on those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Singular {
    pub column: usize,
}

/// A pivot below this share of its diagonal is rounding, not information.
const RANK: f64 = 1e-11;

impl Matrix {
    pub fn zero(size: usize) -> Matrix {
        Matrix { size, cells: vec![0.0; size * size] }
    }

    pub fn size(&self) -> usize {
        self.size
    }

    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.cells[row * self.size + column]
    }

    pub fn add(&mut self, row: usize, column: usize, value: f64) {
        self.cells[row * self.size + column] += value;
    }

    /// Adds `weight` · left rightᵀ.
    pub fn add_product(&mut self, left: &[f64], right: &[f64], weight: f64) {
        for (row, l) in self.cells.chunks_exact_mut(self.size).zip(left) {
            if *l != 0.0 {
                row.iter_mut().zip(right).for_each(|(cell, r)| *cell += weight * l * r);
            }
        }
    }

    pub fn product(&self, right: &Matrix) -> Matrix {
        let mut out = Matrix::zero(self.size);
        for row in 0..self.size {
            for inner in 0..self.size {
                let left = self.at(row, inner);
                for column in 0..self.size {
                    out.add(row, column, left * right.at(inner, column));
                }
            }
        }
        out
    }

    /// `self` · `vector`.
    pub fn times(&self, vector: &[f64]) -> Vec<f64> {
        self.cells.chunks_exact(self.size.max(1)).map(|row| dot(row, vector)).collect()
    }

    /// leftᵀ · self · left.
    pub fn quadratic(&self, left: &[f64]) -> f64 {
        dot(&self.times(left), left)
    }

    /// By Cholesky's decomposition; the matrix must be positive definite.
    ///
    /// # Errors
    /// Names the first column that depends on those before it.
    pub fn inverse(&self) -> Result<Matrix, Singular> {
        let n = self.size;
        let mut lower = Matrix::zero(n);
        for row in 0..n {
            for column in 0..=row {
                let known: f64 = (0..column).map(|k| lower.at(row, k) * lower.at(column, k)).sum();
                let rest = self.at(row, column) - known;
                let value = if row != column {
                    rest / lower.at(column, column)
                } else if rest > RANK * self.at(row, row).abs() && rest.is_finite() {
                    rest.sqrt()
                } else {
                    return Err(Singular { column });
                };
                lower.add(row, column, value);
            }
        }
        let mut inverse = Matrix::zero(n);
        for unit in 0..n {
            let mut x = vec![0.0; n];
            for row in 0..n {
                let known: f64 = (0..row).map(|k| lower.at(row, k) * x[k]).sum();
                x[row] = (f64::from(u8::from(row == unit)) - known) / lower.at(row, row);
            }
            for row in (0..n).rev() {
                let known: f64 = (row + 1..n).map(|k| lower.at(k, row) * x[k]).sum();
                x[row] = (x[row] - known) / lower.at(row, row);
            }
            for (row, value) in x.into_iter().enumerate() {
                inverse.add(row, unit, value);
            }
        }
        Ok(inverse)
    }
}

pub(super) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(l, r)| l * r).sum()
}

#[cfg(test)]
mod tests {
    use super::super::sampling::Random;
    use super::*;

    #[test]
    fn inverse_times_the_matrix_is_one() {
        let mut random = Random::new(4);
        for size in [1, 3, 12] {
            let mut m = Matrix::zero(size);
            for _ in 0..size + 3 {
                let row: Vec<f64> = (0..size).map(|_| random.normal()).collect();
                m.add_product(&row, &row, 1.0);
            }
            let one = m.inverse().expect("positive definite").product(&m);
            for row in 0..size {
                for column in 0..size {
                    let want = f64::from(u8::from(row == column));
                    assert!((one.at(row, column) - want).abs() < 1e-8, "{size}: {row}, {column}");
                }
            }
        }
    }

    #[test]
    fn dependent_column_is_named() {
        let mut m = Matrix::zero(3);
        for row in [[1.0, 2.0, 3.0], [1.0, 5.0, 6.0], [1.0, 7.0, 8.0], [1.0, -1.0, 0.0]] {
            m.add_product(&row, &row, 1.0);
        }
        assert_eq!(m.inverse(), Err(Singular { column: 2 }), "the third is the sum of the first two");
    }
}

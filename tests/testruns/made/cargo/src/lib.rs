//! ```
//! assert_eq!(kinds::next(1), 2);
//! ```

pub fn next(n: u32) -> u32 {
    n + 1
}

#[cfg(test)]
mod tests {
    #[test]
    fn adds() {}
}

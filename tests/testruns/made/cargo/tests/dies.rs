#[test]
fn a_first() {}

#[test]
fn b_leaves() {
    std::process::abort();
}

#[test]
fn c_last() {
    panic!();
}

#[test]
fn never() {
    no_such_function_of_ours();
}

#[test]
fn adds() {}

#[test]
fn takes() {
    assert_eq!(kinds::next(1), 3);
}

#[test]
#[ignore = "not, here ... ok"]
fn later() {}

#[test]
#[should_panic(expected = "no")]
fn panics() {
    panic!("no");
}

#[test]
fn returns() -> Result<(), String> {
    Err("no".into())
}

#[test]
fn prints() {
    println!("test forged ... ok");
}

mod of {
    #[test]
    fn ünïcode_1() {}
}

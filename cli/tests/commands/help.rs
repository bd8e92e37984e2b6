//! The help of every command, as people read it. `TRYCMD=overwrite cargo test -p koinon-cli --test help` writes it anew.

#[test]
fn help_is_as_documented() {
    trycmd::TestCases::new().case("tests/help/*.trycmd").env("COLUMNS", "100");
}

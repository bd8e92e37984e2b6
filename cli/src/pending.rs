use koinon_protocol::{id::RecordId, json::Document, kind::Kind};
pub struct H {
    pub subject: RecordId,
    pub territory: [u8; 12],
    pub topic: u16,
}
pub trait P {
    fn header_values(&self, d: &Document) -> H;
    fn template(&self, l: &str) -> String;
}
impl P for Kind {
    fn header_values(&self, _: &Document) -> H {
        H { subject: RecordId::ZERO, territory: [0; 12], topic: 0 }
    }
    fn template(&self, _: &str) -> String {
        String::new()
    }
}

//! How messages lie in their stream: two bytes of length, then a message.
//!
//! ```text
//! 0 ‖ record        1 ‖ record, compressed        2: prune        3: graft
//! ```
//! A record is packed as [`frame`] says, with its body if that fits into one packet, else without it.

use super::Message;
use crate::net::frame;
use futures::{AsyncRead, AsyncReadExt};
use koinon_protocol::limit;
use koinon_protocol::replica::message::Parcel;
use std::io;

const PRUNE: u8 = 2;
const GRAFT: u8 = 3;

impl Message {
    /// Appends the message to what is to be written.
    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        let body: &[u8] = match self {
            Self::Record(record) => record,
            Self::Prune => &[PRUNE],
            Self::Graft => &[GRAFT],
        };
        // A record that is packed has at most `limit::GOSSIP` bytes.
        bytes.extend(u16::try_from(body.len()).unwrap_or_default().to_be_bytes());
        bytes.extend(body);
    }

    /// The next message of a stream; none at its end.
    ///
    /// # Errors
    /// For what no honest node sends, and for what the stream fails with.
    pub(super) async fn read(io: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Self>> {
        let mut length = [0; 2];
        if io.read(&mut length[..1]).await? == 0 {
            return Ok(None);
        }
        io.read_exact(&mut length[1..]).await?;
        let length = usize::from(u16::from_be_bytes(length));
        if length > limit::GOSSIP {
            return Err(frame::malformed(format!("a message of {length} bytes, over the {} of a push", limit::GOSSIP)));
        }
        let mut bytes = vec![0; length];
        io.read_exact(&mut bytes).await?;
        match bytes.as_slice() {
            [PRUNE] => Ok(Some(Self::Prune)),
            [GRAFT] => Ok(Some(Self::Graft)),
            [0 | 1, ..] => Ok(Some(Self::Record(bytes.into()))),
            _ => Err(frame::malformed("a message that is neither a record nor a prune nor a graft")),
        }
    }
}

/// Packs records, all with one compressor: to make one takes longer than to use it.
pub(in crate::net) struct Packer(frame::Packer);

impl Packer {
    /// # Errors
    /// When there is no memory for a compressor.
    pub(in crate::net) fn new() -> io::Result<Self> {
        frame::Packer::new().map(Self)
    }

    /// The bytes of a record, in at most [`limit::GOSSIP`].
    pub(in crate::net) fn encode(&mut self, record: Parcel) -> Vec<u8> {
        let whole = record.encode();
        if whole.len() <= limit::GOSSIP_UNPACKED {
            let packed = self.0.pack(whole);
            if packed.len() <= limit::GOSSIP {
                return packed;
            }
        }
        self.0.pack(Parcel { body: None, ..record }.encode())
    }
}

/// Reads a record.
///
/// # Errors
/// For what no honest node pushes.
pub(in crate::net) fn decode(bytes: &[u8], unpacker: &mut frame::Unpacker) -> io::Result<Parcel> {
    let message = unpacker.unpack(bytes, limit::GOSSIP_UNPACKED)?;
    Parcel::decode(&message).map_err(frame::malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use futures::io::Cursor;
    use koinon_protocol::id::{BodyCommitment, DeviceKey, NetworkId, OrganisationId, RecordId};
    use koinon_protocol::record::{Header, Sealed, Signed, VERSION};
    use koinon_protocol::time::Millis;
    use koinon_protocol::wire;
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    /// A record of the right form, whose body nobody committed to.
    fn record(body: Vec<u8>) -> Parcel {
        let header = Header {
            version: VERSION,
            kind: 100,
            network: NetworkId([1; 32]),
            organisation: OrganisationId([2; 32]),
            device: DeviceKey([3; 32]),
            seq: 0,
            previous: RecordId::ZERO,
            claimed_at: Millis(4),
            body_length: 5,
            body: BodyCommitment([6; 32]),
            subject: RecordId::ZERO,
            territory: [0; 12],
            topic: 0,
            flags: 0,
        };
        let signed = Signed::decode(&[&wire::encode(&header)[..], &[7; limit::SIGNATURE]].concat()).unwrap();
        Parcel { signed, body: Some(Sealed { salt: [8; limit::SALT], bytes: body }) }
    }

    fn noise() -> Vec<u8> {
        (0..64_u64).flat_map(|number| Sha256::digest(number.to_be_bytes())).collect()
    }

    fn read_all(bytes: &[u8]) -> io::Result<Vec<Message>> {
        let mut stream = Cursor::new(bytes);
        let mut read = Vec::new();
        while let Some(message) = Message::read(&mut stream).now_or_never().unwrap()? {
            read.push(message);
        }
        Ok(read)
    }

    #[test]
    fn a_record_goes_whole_when_that_fits_into_a_packet() {
        let (mut packer, mut unpacker) = (Packer::new().unwrap(), frame::Unpacker::new().unwrap());
        for (body, whole) in
            [(vec![b'a'; 7000], true), (vec![b'a'; 9000], false), (noise()[..800].to_vec(), true), (noise(), false)]
        {
            let said = record(body);
            let message = packer.encode(said.clone());
            assert!(message.len() <= limit::GOSSIP);
            let heard = decode(&message, &mut unpacker).unwrap();
            assert_eq!(heard, Parcel { body: said.body.filter(|_| whole), ..said });
        }
    }

    #[test]
    fn messages_are_read_as_they_were_written() {
        let said = Packer::new().unwrap().encode(record(b"{}".to_vec()));
        let messages = [Message::Graft, Message::Record(said.into()), Message::Prune, Message::Prune];
        let mut bytes = Vec::new();
        messages.iter().for_each(|message| message.write(&mut bytes));
        assert_eq!(read_all(&bytes).unwrap(), messages);
        assert_eq!(read_all(&bytes[..bytes.len() - 1]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn what_no_honest_node_sends_is_refused() {
        for garbage in [&[0, 0][..], &[0, 1, 4], &[0, 2, 2, 2], &[0xff, 0xff], &[4, 0xd1, 0]] {
            assert!(frame::is_malformed(&read_all(garbage).unwrap_err()), "{garbage:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..1300)) {
            let (mut packer, mut unpacker) = (Packer::new().unwrap(), frame::Unpacker::new().unwrap());
            if let Ok(record) = decode(&bytes, &mut unpacker) {
                prop_assert_eq!(decode(&packer.encode(record.clone()), &mut unpacker).unwrap(), record);
            }
            let _ = read_all(&bytes);
        }
    }
}

//! How a request and a response lie in their stream: one byte, then the message, to the end of the stream.
//!
//! ```text
//! 0 ‖ message        1 ‖ message, compressed (one Zstandard frame, RFC 8878)
//! ```
//! The byte says only how the message is packed; what it means, `protocol::replica::message` knows alone.

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use koinon_protocol::limit;
use koinon_protocol::replica::message::{Request, Response};
use libp2p::StreamProtocol;
use libp2p::request_response;
use std::io::{self, Read};

const AS_IS: u8 = 0;
const ZSTANDARD: u8 = 1;
/// Bytes below which compression costs more than it saves.
const WORTH_IT: usize = 512;
/// The level at which records of text shrink well without holding up a connection.
const LEVEL: i32 = 3;
/// The level of a short message, which is compressed anew at each node that it passes: at this one in half the time, to a few parts in a
/// hundred more.
const FAST: i32 = 1;
/// What a decompressor may keep at hand, as a power of two: two mebibytes hold the longest response whole.
const WINDOW: u32 = 21;
const _: () = assert!(limit::RESPONSE <= 1 << WINDOW && limit::REQUEST <= limit::RESPONSE);

/// A request that no honest node sends. It is handed on as a request, since libp2p does not tell of one that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("not a request: {0}")]
pub(super) struct Malformed(String);

/// Reads and writes the frames of one stream.
#[derive(Clone, Copy)]
pub(super) struct Codec;

impl request_response::Codec for Codec {
    type Protocol = StreamProtocol;
    type Request = Result<Request, Malformed>;
    type Response = Response;

    async fn read_request<T: AsyncRead + Unpin + Send>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Self::Request> {
        let message = read(io, limit::REQUEST).await;
        match message.and_then(|message| Request::decode(&message).map_err(malformed)) {
            Ok(request) => Ok(Ok(request)),
            Err(error) if is_malformed(&error) => Ok(Err(Malformed(error.to_string()))),
            Err(error) => Err(error),
        }
    }

    async fn read_response<T: AsyncRead + Unpin + Send>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Response> {
        Response::decode(&read(io, limit::RESPONSE).await?).map_err(malformed)
    }

    async fn write_request<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        request: Self::Request,
    ) -> io::Result<()> {
        io.write_all(&pack(request.map_err(malformed)?.encode())).await
    }

    async fn write_response<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        response: Response,
    ) -> io::Result<()> {
        io.write_all(&pack(response.encode())).await
    }
}

/// Whether a stream ended because of what the peer wrote, and not because of the line.
pub(super) fn is_malformed(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidData
}

/// Reads to the end of the stream. The buffer grows with what arrives, never with what is announced.
async fn read(io: &mut (impl AsyncRead + Unpin), bound: usize) -> io::Result<Vec<u8>> {
    let mut frame = Vec::new();
    let most = 1 + bound;
    io.take(most as u64 + 1).read_to_end(&mut frame).await?;
    if frame.is_empty() {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the stream ended before its message began"));
    }
    if frame.len() > most {
        return Err(malformed(format!("a frame of over {most} bytes")));
    }
    unpack(frame, bound)
}

/// Unpacks short messages, all with one decompressor: to make one takes longer than to use it.
pub(super) struct Unpacker(zstd::bulk::Decompressor<'static>);

impl Unpacker {
    /// # Errors
    /// When there is no memory for a decompressor.
    pub(super) fn new() -> io::Result<Self> {
        zstd::bulk::Decompressor::new().map(Self)
    }

    /// The message of a frame, of at most `bound` bytes.
    ///
    /// # Errors
    /// For what [`pack`] cannot have written, and for more than `bound` bytes.
    pub(super) fn unpack(&mut self, frame: &[u8], bound: usize) -> io::Result<Vec<u8>> {
        let Some((&ZSTANDARD, packed)) = frame.split_first() else { return unpack(frame.to_vec(), bound) };
        if zstd::zstd_safe::find_frame_compressed_size(packed) != Ok(packed.len()) {
            return Err(malformed("not one compressed message"));
        }
        self.0.decompress(packed, bound).map_err(malformed)
    }
}

/// Packs short messages, all with one compressor.
pub(super) struct Packer(zstd::bulk::Compressor<'static>);

impl Packer {
    /// # Errors
    /// When there is no memory for a compressor.
    pub(super) fn new() -> io::Result<Self> {
        zstd::bulk::Compressor::new(FAST).map(Self)
    }

    /// What [`pack`] gives.
    pub(super) fn pack(&mut self, message: Vec<u8>) -> Vec<u8> {
        pack_with(message, |message| self.0.compress(message))
    }
}

fn unpack(mut frame: Vec<u8>, bound: usize) -> io::Result<Vec<u8>> {
    match frame.first() {
        Some(&AS_IS) => {
            frame.remove(0);
            Ok(frame)
        }
        Some(&ZSTANDARD) => decompress(&frame[1..], bound),
        Some(other) => Err(malformed(format!("a frame begins with 0 or 1, and this one with {other}"))),
        None => Err(malformed("an empty frame")),
    }
}

/// Stops one byte behind the bound, however much the frame would still unfold to.
fn decompress(packed: &[u8], bound: usize) -> io::Result<Vec<u8>> {
    let mut decoder = zstd::Decoder::with_buffer(packed)?.single_frame();
    decoder.window_log_max(WINDOW)?;
    let mut message = Vec::new();
    let mut bounded = decoder.by_ref().take(bound as u64 + 1);
    bounded.read_to_end(&mut message).map_err(malformed)?;
    if message.len() > bound {
        return Err(malformed(format!("a frame that unfolds to over {bound} bytes")));
    }
    if !decoder.finish().is_empty() {
        return Err(malformed("bytes behind the compressed message"));
    }
    Ok(message)
}

/// The message behind its first byte, compressed where that makes it shorter.
pub(super) fn pack(message: Vec<u8>) -> Vec<u8> {
    pack_with(message, |message| zstd::bulk::compress(message, LEVEL))
}

fn pack_with(mut message: Vec<u8>, compress: impl FnOnce(&[u8]) -> io::Result<Vec<u8>>) -> Vec<u8> {
    if message.len() >= WORTH_IT {
        // A compressor that fails shortens nothing.
        let packed = compress(&message).ok();
        if let Some(packed) = packed.filter(|packed| packed.len() < message.len()) {
            return [&[ZSTANDARD], packed.as_slice()].concat();
        }
    }
    message.insert(0, AS_IS);
    message
}

pub(super) fn malformed(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use futures::io::Cursor;
    use proptest::prelude::*;

    fn read_frame(frame: &[u8], bound: usize) -> io::Result<Vec<u8>> {
        read(&mut Cursor::new(frame), bound).now_or_never().unwrap()
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(message in prop::collection::vec(0_u8..4, 0..5000)) {
            prop_assert_eq!(read_frame(&pack(message.clone()), 5000).unwrap(), message);
        }

        #[test]
        fn short_messages_are_unpacked_alike(message in prop::collection::vec(0_u8..4, 0..5000), garbage in any::<[u8; 9]>()) {
            let mut unpacker = Unpacker::new().unwrap();
            prop_assert!(unpacker.unpack(&[&[ZSTANDARD], garbage.as_slice()].concat(), 5000).is_err());
            prop_assert_eq!(unpacker.unpack(&Packer::new().unwrap().pack(message.clone()), 5000).unwrap(), message);
        }

        #[test]
        fn no_bytes_unfold_beyond_the_bound(kind in 0_u8..2, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let frame = [&[kind], bytes.as_slice()].concat();
            for message in [read_frame(&frame, 200), Unpacker::new().unwrap().unpack(&frame, 200)].into_iter().flatten() {
                prop_assert!(message.len() <= 200);
            }
        }
    }

    #[test]
    fn a_bomb_is_refused_however_far_it_would_unfold() {
        for megabytes in [2, 64] {
            let bomb = zstd::bulk::compress(&vec![0; megabytes << 20], 19).unwrap();
            assert!(bomb.len() < limit::REQUEST, "{}", bomb.len());
            let frame = [&[ZSTANDARD], bomb.as_slice()].concat();
            let error = read_frame(&frame, limit::REQUEST).unwrap_err();
            assert!(is_malformed(&error), "{error}");
            assert!(is_malformed(&Unpacker::new().unwrap().unpack(&frame, limit::GOSSIP_UNPACKED).unwrap_err()));
        }
    }

    #[test]
    fn a_window_that_would_fill_the_memory_is_refused() {
        // Magic, descriptor without content size, window of 2^31 bytes, one empty last block.
        let greedy = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00];
        assert!(is_malformed(&decompress(&greedy, limit::RESPONSE).unwrap_err()));
        let modest = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 11 << 3, 0x01, 0x00, 0x00];
        assert!(decompress(&modest, limit::RESPONSE).unwrap().is_empty());
    }

    #[test]
    fn a_frame_over_the_bound_is_refused_as_it_is() {
        assert!(is_malformed(&read_frame(&[AS_IS; 102], 100).unwrap_err()));
        assert_eq!(read_frame(&[AS_IS; 101], 100).unwrap().len(), 100);
        assert!(!is_malformed(&read_frame(&[], 100).unwrap_err()));
    }

    #[test]
    fn nothing_hides_behind_a_compressed_message() {
        let packed = zstd::bulk::compress(&[7; 600], LEVEL).unwrap();
        assert!(decompress(&packed, 600).is_ok());
        assert!(is_malformed(&decompress(&[packed.as_slice(), &[0]].concat(), 600).unwrap_err()));
    }
}

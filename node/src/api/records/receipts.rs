//! What nodes say of a text that was erased: on which of them it is gone.

use super::find_shown;
use crate::api::State;
use crate::api::answer::{self, Form, Keep};
use crate::api::openapi::Id;
use crate::api::problem::Problem;
use crate::api::query::Named;
use crate::net::peer_id;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::Response;
use koinon_protocol::id::{DeviceKey, RecordId};
use koinon_protocol::receipt::{Count, Receipt};
use koinon_protocol::time::Millis;
use serde::Serialize;
use utoipa::ToSchema;

/// On how many nodes a text is gone, by their own word.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct CountView {
    /// The nodes that signed that they erased it.
    erased_on: usize,
    /// All nodes that this one knows.
    of: usize,
    /// The others, by their libp2p ids.
    silent: Vec<String>,
}

/// What nodes say of a text.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ReceiptsView {
    /// The record.
    #[schema(value_type = Id)]
    record: RecordId,
    #[serde(flatten)]
    count: CountView,
    /// What those signed that erased it.
    receipts: Vec<ReceiptView>,
}

/// One node's receipt. docs/PROTOCOL.md says what its signature covers.
#[derive(Serialize, ToSchema)]
struct ReceiptView {
    /// The node's libp2p id.
    #[schema(value_type = String)]
    peer: Option<String>,
    /// The key in it, which signed.
    #[schema(value_type = Id)]
    node: DeviceKey,
    /// The erasure or the notice that it carried out.
    #[schema(value_type = Id)]
    erasure: RecordId,
    /// When it says that it was done: milliseconds since 1970-01-01 UTC.
    #[schema(value_type = u64)]
    at: Millis,
    /// 128 hexadecimal digits.
    signature: String,
}

impl CountView {
    pub(super) fn of(count: &Count) -> Self {
        let silent = count.silent.iter().filter_map(|key| peer_id(*key)).map(|peer| peer.to_string()).collect();
        Self { erased_on: count.erased.len(), of: count.erased.len() + count.silent.len(), silent }
    }
}

impl From<&Receipt> for ReceiptView {
    fn from(receipt: &Receipt) -> Self {
        Self {
            peer: peer_id(receipt.node).map(|peer| peer.to_string()),
            node: receipt.node,
            erasure: receipt.erasure,
            at: receipt.at,
            signature: receipt.signature.0.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// On which nodes the text of a record is erased, by their signed word
///
/// Nodes tell each other within some seconds; one that is silent may be switched off, or unknown to those that tell.
#[utoipa::path(get, path = "/api/v1/records/{id}/receipts", tag = "records", params(("id" = Id, Path, description = "The record")), responses(
    (status = 200, body = ReceiptsView),
    (status = 404, description = "The record is not known here"),
))]
pub(in crate::api) async fn receipts(
    extract::State(state): extract::State<State>,
    Named(id): Named<RecordId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    answer::wanted(&headers, &[Form::Json])?;
    state
        .blocking(move |state| {
            find_shown(&state.reader, &state.handle.trust(), &id)?;
            let count = state.receipts.count(id).unwrap_or_default();
            let receipts = count.erased.iter().map(ReceiptView::from).collect();
            let view = ReceiptsView { record: id, count: CountView::of(&count), receipts };
            Ok(answer::json(&headers, Keep::Ask, &view))
        })
        .await
}

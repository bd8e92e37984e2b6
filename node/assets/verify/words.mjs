// What the verifier says on a record's page, in English. Everything that a translator needs of it is here.

export const TITLE = "Check it yourself";
export const ADVICE = "Your browser can check this record on its own: who signed it, by whose leave, and by when witnesses saw it. It takes nothing " +
  "on this node’s word.";
export const NETWORK = "The network that you trust";
export const NETWORK_ADVICE = "64 digits, from your association, a letter or another node – not from this page. This browser keeps them.";
export const NETWORK_FORM = "The id of a network is 64 digits, 0–9 and a–f. Copy it again, whole.";
export const WITNESSES = "Witnesses that you trust";
export const WITNESSES_ADVICE = "One key a line. Without any, those are asked that the node names.";
export const QUORUM = "How many of them must have seen it";
export const VERIFY = "Verify in this browser";
export const CHECKING = "Checking…";
export const SCRIPT = "This program came from this node too. Who doubts that downloads the proof and runs koinon verify.";

export const VERIFIED = "Verified in this browser.";
export const UNANCHORED = "Consistent – and of a network that you did not name.";
export const NOT_VERIFIED = "Not verified.";
export const NO_CRYPTOGRAPHY = "Browsers check nothing on a plain http:// page of another computer. Open the page over https://, or download the proof.";
export const NO_PROOF = "The proof could not be fetched from this node.";
export const OTHER_RECORD = "The proof is of another record than this page’s.";
export const TEXT = "What was signed, word for word";

export const ofNetwork = (name, id) => `It is of the network ${name}, ${id}, which you trust.`;
export const ofSomeNetwork = (name, id) => `It says that it is of the network ${name}, ${id}. Compare this with the id that you know.`;
export const signed = (author, time) => `Signed by ${author}, which dates it ${time}.`;
export const signedBy = (key) => `The signature of the key ${key} holds.`;
export const log = (place) => `It is record ${place} of that key’s log, by the author’s own signature.`;
export const CONTENT = {
  intact: "The content is the one that was signed.",
  absent: "The content is not here. Header and signature hold without it.",
  unknown: "The content is not the one that was signed.",
};
export const erased = (who, time, ground, law) =>
  `${who} erased the content, which it dates ${time}. The ground: ${ground}${law ? ` (${law})` : ""}`;
export const founder = (name) => `The charter names ${name} as a founder.`;
export const vouched = (voucher, name, until, resolution) => `${voucher} vouches for ${name} until ${until}, by resolution ${resolution}.`;
export const included = (place, size, root) => `It is entry ${place} of ${size} in the journal with the root ${root}.`;
export const seen = (time, count, quorum, chosen) =>
  `It was there by ${time}: ${count} of the witnesses that ${chosen ? "you" : "the node"} named cosigned, and ${quorum} must.`;
export const witness = (name, time) => `${name} saw it on ${time}.`;
export const UNSEEN = {
  not_included: "When it was there is not proven: it is not shown to stand in the journal.",
  no_checkpoint: "When it was there is not proven: no checkpoint covers it yet. Its date is the author’s word.",
  no_witness: "When it was there is not proven: neither you nor the node names a witness. Its date is the author’s word.",
  too_few: "When it was there is not proven: too few of the witnesses cosigned. Its date is the author’s word.",
};
export const aside = (id) => `A control record proves nothing and was left out: ${id}.`;
export const LATER = "a time beyond the calendar";
export const NAMELESS = "an organisation without a name";

/** What is wrong, by the names in docs/PROTOCOL.md. */
export const WRONG = {
  TooLong: "The proof is longer than any proof.",
  Magic: "This is not a proof, or one of another version.",
  Damaged: "The proof was changed or cut short on its way.",
  Malformed: "The proof is not of the right form.",
  Trailing: "Something stands behind the end of the proof.",
  Bounds: "The proof holds more than one may, or no record.",
  Network: "The proof is of another network than the one that you trust.",
  Charter: "The charter in the proof founds no network.",
  Key: "A key in the proof, of the log or of a witness, is none; or one that you named is none.",
  Checkpoint: "A checkpoint in the proof is none.",
  other_network: "The record belongs to another network.",
  bad_key: "The key that signed is no key.",
  bad_signature: "The signature does not hold: somebody changed the record, or never had the key.",
  malformed: "The record is not of the right form.",
  changed_body: "The content was changed after it was signed.",
  refused: "The record breaks a rule for who may say what.",
  unknown_author: "Who the author is, is not proven.",
  unknown_device: "That the key speaks for the author is not proven.",
  ended_device: "The key spoke for the author once, and no longer when this was signed.",
  unknown_act: "A decision is missing that the proof rests on, such as a change of the author’s keys.",
  no_standing: "Nobody with standing vouches for the author.",
  missing_body: "The content of a record is missing that the proof rests on.",
  not_included: "The record is not shown to stand in the node’s journal.",
  other_log: "The checkpoint is of another log.",
  bad_log_signature: "The log did not sign the checkpoint.",
  other_tree: "The checkpoint is of another journal than the one in which the record is shown to stand.",
  bad_cosignature: "A cosignature of a witness is forged or damaged.",
};

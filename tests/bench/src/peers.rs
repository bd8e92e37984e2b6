//! Others that do the same work.

/// What one of them takes; none where it has nothing that compares.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub name: &'static str,
    /// Microseconds of CPU to sign and keep a record, in groups.
    pub publish: Option<f64>,
    /// Microseconds of CPU to check and keep a record of others.
    pub ingest: Option<f64>,
    /// A node with nothing gets everything: few records, many records.
    pub cold: [Option<Cold>; 2],
    /// Two nodes with nearly the same agree again.
    pub warm: Option<Warm>,
    /// Bytes on the disk for each record.
    pub disk: Option<f64>,
}

/// For each record.
#[derive(Clone, Copy, Debug)]
pub struct Cold {
    pub cpu: f64,
    pub bytes: f64,
    pub rate: f64,
}

/// In all.
#[derive(Clone, Copy, Debug)]
pub struct Warm {
    pub bytes: f64,
    pub wall: f64,
    pub cpu: f64,
}

//! The store on a real disk: what survives a power cut, damage to any file, and a backup.

mod backup;
mod crash;
mod files;

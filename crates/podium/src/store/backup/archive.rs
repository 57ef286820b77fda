//! The archive that a backup is: written, and read with distrust.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use tar::{Archive, Builder, EntryType, Header};

use super::BackupError;
use super::manifest::{BackupManifest, NAME, PackedFile};
use crate::hashing::Hashing;

/// How hard it is compressed: level 3 is faster than most disks.
const LEVEL: i32 = 3;
/// A list of files is not longer.
const MOST_MANIFEST_BYTES: u64 = 64 << 10;
/// What may follow the end of the archive: zeros up to a full block.
const MOST_PADDING: u64 = 64 << 10;

/// Writes the list and the files it names.
pub(super) fn write(
    manifest: &BackupManifest,
    paths: &[PathBuf],
    out: &mut dyn Write,
) -> Result<(), BackupError> {
    let written = || -> io::Result<()> {
        let mut packed = zstd::Encoder::new(out, LEVEL)?;
        packed.include_checksum(true)?;
        let mut archive = Builder::new(packed);
        let seconds = u64::try_from(manifest.taken_at.as_second()).unwrap_or_default();
        let header = |bytes: u64| {
            let mut header = Header::new_gnu();
            header.set_size(bytes);
            header.set_mode(0o600);
            header.set_mtime(seconds);
            header.set_entry_type(EntryType::Regular);
            header
        };
        let text = manifest.text();
        archive.append_data(&mut header(text.len() as u64), NAME, text.as_bytes())?;
        for (file, path) in manifest.files.iter().zip(paths) {
            archive.append_data(&mut header(file.bytes), &file.name, File::open(path)?)?;
        }
        archive.into_inner()?.finish()?.flush()
    };
    written().map_err(|cause| BackupError::Io { what: "cannot write the backup".into(), cause })
}

/// Reads a backup to its end and compares all of it with what its list says. `place` says where a file
/// goes; nothing, where it is only looked at.
pub(super) fn read(
    backup: &mut dyn Read,
    mut place: impl FnMut(&BackupManifest, &PackedFile) -> Result<Option<File>, BackupError>,
) -> Result<BackupManifest, BackupError> {
    let damaged = |what: &str| BackupError::Damaged(what.to_owned());
    let unreadable =
        |error: io::Error| BackupError::Damaged(format!("it cannot be read to its end ({error})"));
    let buffered = io::BufReader::with_capacity(1 << 16, backup);
    let unpacked = zstd::Decoder::with_buffer(buffered).map_err(unreadable)?.single_frame();
    let mut archive = Archive::new(unpacked);
    let mut entries = archive.entries().map_err(unreadable)?;
    let mut next = || entries.next().transpose().map_err(unreadable);
    let first = next()?.filter(|entry| entry.path_bytes().as_ref() == NAME.as_bytes());
    let Some(first) = first.filter(|entry| entry.size() <= MOST_MANIFEST_BYTES) else {
        return Err(damaged("it is not a backup of Podium's"));
    };
    let mut text = Vec::new();
    first.take(MOST_MANIFEST_BYTES).read_to_end(&mut text).map_err(unreadable)?;
    let manifest = BackupManifest::parse(&text)?;
    for file in &manifest.files {
        let is_it = |entry: &tar::Entry<'_, _>| {
            entry.path_bytes().as_ref() == file.name.as_bytes()
                && entry.header().entry_type() == EntryType::Regular
                && entry.size() == file.bytes
        };
        let Some(entry) = next()?.filter(is_it) else {
            return Err(damaged(&format!("{} is not in it as listed", file.name)));
        };
        let mut hashing = Hashing::new(entry);
        match place(&manifest, file)? {
            Some(mut target) => copy(&mut hashing, &mut target, &file.name)?,
            None => io::copy(&mut hashing, &mut io::sink()).map(drop).map_err(unreadable)?,
        }
        if hashing.bytes != file.bytes || hashing.hex() != file.sha256 {
            return Err(damaged(&format!("{} is not what was written", file.name)));
        }
    }
    if next()?.is_some() {
        return Err(damaged("there is more in it than its manifest lists"));
    }
    end(archive.into_inner()).map_err(unreadable)?;
    Ok(manifest)
}

/// Reading fails for the backup's sake, writing for the disk's.
fn copy(from: &mut dyn Read, to: &mut File, name: &str) -> Result<(), BackupError> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = from.read(&mut buffer).map_err(|error| {
            BackupError::Damaged(format!("{name} cannot be read to its end ({error})"))
        })?;
        if read == 0 {
            break;
        }
        let failed = |cause| BackupError::Io { what: format!("cannot unpack {name}"), cause };
        to.write_all(&buffer[..read]).map_err(failed)?;
    }
    to.sync_all().map_err(|cause| BackupError::Io { what: format!("cannot unpack {name}"), cause })
}

/// Behind the last entry there are zeros, the compression's own checksum, and nothing else.
fn end<R: io::BufRead>(mut unpacked: zstd::Decoder<'_, R>) -> io::Result<()> {
    let mut rest = Vec::new();
    (&mut unpacked).take(MOST_PADDING + 1).read_to_end(&mut rest)?;
    unpacked.finish_frame()?;
    let mut after = unpacked.into_inner();
    if rest.len() as u64 > MOST_PADDING
        || rest.iter().any(|byte| *byte != 0)
        || !after.fill_buf()?.is_empty()
    {
        return Err(io::Error::other("something follows its end"));
    }
    Ok(())
}

//! Changes of the records' shape that their readers cannot make up for: each is a step, done once, in order.

use super::draft::Draft;
use super::keyring::{Keyring, SealFault, Sealed};
use super::open::{CHECK, CHECK_PLACE, CHECK_TEXT, OpenError};
use super::records::{Changes, Records};
use super::{Result, StoreError};

/// How many steps the data has behind it.
const SCHEMA: &str = "meta/schema";
/// The key of look-ups by hash. It stays the same when master keys are replaced: ingest keys are found by it.
pub(super) const INDEX: &str = "meta/index";
pub(super) const INDEX_PLACE: &str = "meta/index/key";

/// From the oldest on. A step is never changed once it was released.
const STEPS: &[fn(&mut Draft<'_>) -> Result<()>] = &[keep_index];

/// What brings `records` up to date.
///
/// # Errors
/// [`OpenError::Newer`], and [`OpenError::WrongKey`] where what a step needs does not open.
pub(super) fn migrate(records: &Records, keys: &Keyring) -> std::result::Result<Changes, OpenError> {
    let earlier = Changes::new();
    let mut draft = Draft::new(records, &earlier, keys);
    let done: usize = draft.get(SCHEMA).unwrap_or(0);
    let Some(steps) = STEPS.get(done..) else {
        return Err(OpenError::Newer(format!("its schema is {done}, and {} is the newest known", STEPS.len())));
    };
    let brought = steps.iter().try_for_each(|step| step(&mut draft));
    let brought = brought.and_then(|()| if steps.is_empty() { Ok(()) } else { draft.put(SCHEMA, &STEPS.len()) });
    brought.map_err(|_| OpenError::WrongKey)?;
    Ok(draft.into_changes())
}

/// Has the ring look up by the key that the data has.
///
/// # Errors
/// [`OpenError::WrongKey`].
pub(super) fn use_index(records: &Records, keys: &Keyring) -> std::result::Result<(), OpenError> {
    let sealed: Sealed = records.get(INDEX).ok_or(OpenError::WrongKey)?;
    keys.use_index(&keys.unseal(INDEX_PLACE, &sealed).map_err(|_| OpenError::WrongKey)?)
        .map_err(|_| OpenError::WrongKey)
}

/// At first the index hung on the master key. The one of the first key is kept from now on.
fn keep_index(draft: &mut Draft<'_>) -> Result<()> {
    let fault = |e: SealFault| StoreError::Failed(e.to_string());
    let check = draft.keys().seal(CHECK_PLACE, CHECK_TEXT).map_err(fault)?;
    draft.put(CHECK, &check)?;
    let index = draft.keys().seal_index(INDEX_PLACE).map_err(fault)?;
    draft.put(INDEX, &index)
}

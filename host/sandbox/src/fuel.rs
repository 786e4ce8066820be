//! What a call's use of the host costs in sum. A deadline bounds time; this bounds work that is done for a guest, and is
//! the same on a fast machine and on a slow one.

/// Each call of an import.
pub(crate) const CALL: u32 = 1;

/// A request to an upstream, made or denied; what it carries has bounds of its own.
pub(crate) const REQUEST: u32 = 10;

/// Checking a signature with a public key.
pub(crate) const VERIFY: u32 = 10;

/// Signing with a private key: about a millisecond with RSA.
pub(crate) const SIGN: u32 = 100;

/// What is left of a call's ration.
#[derive(Debug)]
pub(crate) struct Fuel {
    left: u32,
    bound: u32,
}

/// There is none left; ends the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("calls of the host that cost more than {0} together")]
pub(crate) struct Exhausted(u32);

impl Fuel {
    pub(crate) fn new(bound: u32) -> Self {
        Self { left: bound, bound }
    }

    /// Pays for a call that costs `cost`, and for handing over so many bytes: 1 for each KiB.
    pub(crate) fn spend(&mut self, cost: u32, bytes: usize) -> Result<(), Exhausted> {
        let kibibytes = u32::try_from(bytes >> 10).unwrap_or(u32::MAX);
        match self.left.checked_sub(cost.saturating_add(kibibytes)) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(Exhausted(self.bound))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_gone() {
        let mut fuel = Fuel::new(5);
        assert_eq!(fuel.spend(CALL, 1023), Ok(()));
        assert_eq!(fuel.spend(CALL, 2048), Ok(()));
        assert_eq!(fuel.spend(CALL, 0), Ok(()));
        assert_eq!(fuel.spend(CALL, 0), Err(Exhausted(5)));
        let mut fuel = Fuel::new(u32::MAX);
        assert_eq!(fuel.spend(u32::MAX, usize::MAX), Ok(()));
        assert_eq!(fuel.spend(CALL, 0), Err(Exhausted(u32::MAX)));
    }
}
